/** The bot example: in a hub of the test's own that comes and goes, and as `npm run example node-bot` has it. */
import { EventEmitter, once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createHubServer, Hub, HubError, type HubServer } from "../../src/server/index.js";
import { ExampleProcess } from "../support/example-process.js";
import { ProgramProcess } from "../support/program-process.js";

const BOT = join(__dirname, "../../examples/node-bot/bot.mjs");
const HELLO = "Hello, I am a bot. Try !help.";

/** What the hub sees: `arrived` with the hub object of the call, `said` with the text, `left` with the error. */
const seen = new EventEmitter();

class ChatHub extends Hub {
  override onConnected(): void {
    seen.emit("arrived", this);
  }

  override onDisconnected(error: Error | undefined): void {
    seen.emit("left", error);
  }

  sendMessage(_user: string, text: string): void {
    seen.emit("said", text);
  }

  async *countdown(from: number): AsyncGenerator<number> {
    if (from > 9) throw new HubError("That is too far.");
    for (let number = from; number >= 0; number--) yield number;
  }

  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }
}

/** A hub for the bot. */
class Chat {
  readonly #hubs: HubServer = createHubServer({ logger: null, shutdownTimeout: 1_000 });
  readonly #server: Server;

  constructor() {
    this.#hubs.mapHub("/chat", ChatHub);
    this.#server = this.#hubs.attach(createServer());
  }

  /** @returns the port. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Calls the bot's ReceiveMessage. */
  tell(user: string, text: string): void {
    void this.#hubs.hub(ChatHub).clients.all.send("ReceiveMessage", user, text);
  }

  /** @returns what the bot answers. */
  ask(text: string): Promise<string> {
    const answer = next<string>("said");
    this.tell("Ada", text);
    return answer;
  }

  status(id: string): Promise<unknown> {
    return this.#hubs.hub(ChatHub).clients.client(id).invoke("GetStatus");
  }

  async close(): Promise<void> {
    await this.#hubs.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("the bot", () => {
  let chat: Chat;
  let port: number;
  let bot: ProgramProcess;
  let hub: Hub;

  beforeEach(async () => {
    chat = new Chat();
    port = await chat.listen();
    const arrived = next<Hub>("arrived");
    const hello = next<string>("said");
    bot = run(port);
    hub = await arrived;
    expect(await hello).toBe(HELLO);
  });

  afterEach(async () => {
    await bot.stop();
    await chat.close();
  }, 20_000);

  test.each([
    ["!time", /^It is \d{4}-\d\d-\d\dT[\d:.]+Z\.$/],
    ["!help", /^I know help, time, countdown, sum\./],
    ["!countdown 4", /^4, 3, 2, 1, 0$/],
    ["!countdown 10", /^That did not work: .*That is too far\.$/],
    ["!sum 1 2 39.5", /^That makes 42\.5\.$/],
    ["!sum", /^That makes 0\.$/],
    ["!constructor", /^Try !help\.$/],
  ])("it answers %s", async (command, answer) => {
    expect(await chat.ask(command)).toMatch(answer);
  });

  test("it is silent about what is no command, and about what it said itself", async () => {
    const answers: string[] = [];
    const note = (text: string): unknown => answers.push(text);
    seen.on("said", note);
    chat.tell("Ada", "good morning");
    chat.tell("bot", "!time");
    await chat.ask("!sum 1"); // behind the others, and with a longer way
    seen.off("said", note);
    expect(answers).toEqual(["That makes 1."]);
  });

  test("it answers when the hub asks for its status", async () => {
    await chat.ask("!time");
    expect(await chat.status(hub.context.connectionId)).toEqual({ name: "bot", answered: 1 });
  });

  test("it connects again when its line is cut", async () => {
    const arrived = next("arrived");
    hub.context.request.socket.destroy();
    await arrived;
    await bot.printed(/lost its connection[^]*is connected again/);
    expect(await chat.ask("!sum 2")).toBe("That makes 2.");
  });

  test("it comes back when the hub has sent it away, and when the hub was restarted", async () => {
    const hello = next("said");
    hub.context.abort();
    await bot.printed(/bot is not connected: .*\nbot is connected/); // not at once, which would be a storm on a hub that refuses
    expect(await hello).toBe(HELLO);

    await chat.close();
    chat = new Chat();
    const arrived = next("arrived");
    await chat.listen(port);
    await arrived;
    await bot.printed(/is connected again/);
    expect(await chat.ask("!sum 3")).toBe("That makes 3.");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with a goodbye and exit code 0", async (signal) => {
    const left = next("left");
    bot.interrupt(signal);
    expect(await left).toBeUndefined();
    expect(await bot.ended).toEqual({ code: 0, signal: null });
    expect(bot.output).toBe("bot is connected over WebSockets\n");
  });
});

test("the bot waits for a hub that is not there yet", async () => {
  const port = await freePort();
  const bot = run(port);
  await bot.printed(/bot is not connected: .*ECONNREFUSED/);
  const hello = next("said");
  const chat = new Chat();
  await chat.listen(port);
  expect(await hello).toBe(HELLO);
  await bot.stop();
  await chat.close();
});

test("Ctrl+C ends a bot that has never been connected, at once", async () => {
  const bot = run(await freePort());
  await bot.printed(/bot is not connected/);
  bot.interrupt();
  expect(await bot.ended).toEqual({ code: 0, signal: null });
});

test("the example brings a hub, takes what is typed to the bot, and Ctrl+C ends both", async () => {
  const example = new ExampleProcess("node-bot");
  await example.printed(/bot: Hello/);
  example.type("!sum 20 22");
  await example.printed(/bot: That makes 42\./);
  example.type("!countdown 101");
  await example.printed(/bot: That did not work: .*I count from 100 at most\./);
  example.type("status");
  await example.printed(/\{"name":"bot","answered":2\}/);
  example.interrupt();
  // It has ended when nobody holds its output any more, so the bot has ended too.
  expect(await example.ended).toEqual({ code: 0, signal: null });
});

function run(port: number): ProgramProcess {
  return new ProgramProcess(BOT, [`http://127.0.0.1:${port}/chat`]);
}

/** What comes with the next event. */
async function next<T>(event: string): Promise<T> {
  const [value] = (await once(seen, event)) as [T];
  return value;
}

/** A port that nobody listens on, for a hub that is to come later. */
async function freePort(): Promise<number> {
  const chat = new Chat();
  const port = await chat.listen();
  await chat.close();
  return port;
}
