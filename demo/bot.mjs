// The bot of the live room: a client like any other, made of the package as its users get it.
import { randomUUID } from "node:crypto";
import { HubConnectionBuilder } from "hubwire";
import { answer } from "./bot-answers.mjs";
import { giveTour } from "./bot-tour.mjs";
import { retryPolicy } from "./retry-policy.mjs";
import { explain, report } from "./terminal.mjs";
import { configureWire } from "./wire.mjs";

const NAME = "Bot";
/** Visitors that it remembers, to welcome them back. */
const MEMORY = 200;

export class Bot {
  #connection;
  #wire;
  #secret = randomUUID();
  #isMember = false;
  #present = [];
  #met = new Set();

  /** @param wire The transport and the encoding. */
  constructor(url, wire) {
    this.#wire = wire;
    this.#connection = configureWire(new HubConnectionBuilder(), url, wire)
      .withAutomaticReconnect(retryPolicy)
      .configureLogging("none")
      .build();
    this.#connection.on("happened", (message) => this.#onHappened(message));
    this.#connection.on("present", (people) => this.#onPresent(people));
    this.#connection.onreconnecting((error) => report("bot", `lost its connection, reconnects: ${explain(error)}`));
    this.#connection.onreconnected((id) => {
      report("bot", `is connected again; its new id is ${id}`);
      // To the hub this is a new connection, which is in no room yet.
      if (this.#isMember) this.#call("join", this.#self);
    });
  }

  /** Connects, shows on the terminal what a connection can do, and then joins the room for good. */
  async start() {
    await this.#connection.start();
    await giveTour(this.#connection, this.#wire);
    this.#isMember = true;
    await this.#connection.invoke("join", this.#self);
    report("bot", "joined the room, and stays");
  }

  /** Leaves. */
  stop() {
    return this.#connection.stop();
  }

  get #self() {
    return { name: NAME, isBot: true, secret: this.#secret };
  }

  #onHappened({ event, who, text }) {
    if (who.isBot) return;
    report("room", inWords(event, who.name, text));
    if (event === "said") this.#say(answer(text, { name: who.name, isAlone: this.#present.length <= 2 }));
  }

  #onPresent(people) {
    const before = new Set(this.#present.map(({ id }) => id));
    for (const { id, name, isBot } of people) {
      if (!before.has(id) && !isBot) this.#say(this.#met.has(name) ? `Welcome back, ${name}.` : greeting(name));
      this.#met.add(name);
    }
    for (const name of this.#met) if (this.#met.size > MEMORY) this.#met.delete(name);
    this.#present = people;
  }

  #say(text) {
    if (text === undefined) return;
    report("bot", `says: ${text}`);
    this.#call("say", text);
  }

  /** What a lost connection took with it is not missed: after it, nobody waits for the answer any more. */
  #call(method, ...args) {
    this.#connection.invoke(method, ...args).catch((error) => report("bot", `could not ${method}: ${explain(error)}`));
  }
}

function greeting(name) {
  return `Hello ${name}! Say something, or “help” to see what I know.`;
}

function inWords(event, name, text) {
  switch (event) {
    case "said":
      return `${name}: ${text}`;
    case "renamed":
      return `${text} is now ${name}`;
    case "uploaded":
      return `${name} sent the file ${text}`;
    default:
      return `${name} ${event}`;
  }
}
