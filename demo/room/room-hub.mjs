// The hub of the live room: what the page and the bot can call. It checks everything that they send.
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Hub, HubError } from "hubwire/server";
import { limits } from "./limits.mjs";

/** Everybody who has joined; a connection that ends leaves the group by itself. */
const EVERYBODY = "everybody";

export class RoomHub extends Hub {
  #room;
  #lines;

  constructor(room, lines) {
    super();
    this.#room = room;
    this.#lines = lines;
  }

  /** The limits that hold here. */
  limits() {
    return limits;
  }

  /**
   * Comes in, or comes back after a reconnect: `since` is the last message that the client has seen, and `secret`, which
   * the others do not get to see, tells that it is the same visitor, whose old connection may not have ended here yet.
   */
  async join({ name, since = 0, isBot = false, secret }) {
    const { connectionId } = this.context;
    if (this.#room.find(connectionId)) throw new HubError("You are here already.");
    const wanted = checkedText(name, limits.name, "A name");
    const key = secret === undefined ? undefined : checkedText(secret, limits.secret, "A secret");
    const before = this.#room.leaveBySecret(key);
    if (before) await this.#tell("left", before);
    const me = this.#room.enter(connectionId, { name: wanted, isBot: isBot === true, secret: key });
    await this.groups.add(connectionId, EVERYBODY);
    await this.#tell("joined", me);
    return { me, messages: this.#room.messagesAfter(since) };
  }

  /** Takes another name; returns the one that was free. */
  async rename(name) {
    const before = this.#me;
    const after = this.#room.rename(before, checkedText(name, limits.name, "A name"));
    if (after !== before) await this.#tell("renamed", after, before.name);
    return after.name;
  }

  /** Says something to everybody. */
  async say(text) {
    await this.#tell("said", this.#me, checkedText(text, limits.text, "A message"));
  }

  /** A stream of numbers, each behind its time in milliseconds, until the client has enough. */
  async *pulse(intervalMs) {
    const interval = Math.min(Math.max(Number(intervalMs) || 100, 50), 1_000);
    const start = performance.now();
    while (!this.signal.aborted) {
      yield [Math.round(performance.now() - start), this.#room.pulse.value];
      await pause(interval, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  /** Takes a file in pieces (of bytes, or of base64 where the encoding knows none), tells its sender how much has arrived, and answers with its size and hash. */
  async upload({ id, name }, pieces) {
    const me = this.#me;
    const fileName = checkedText(name, limits.fileName, "A file name");
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of pieces) {
      const bytes = piece instanceof Uint8Array ? piece : Buffer.from(String(piece), "base64");
      size += bytes.length;
      if (size > limits.upload) throw new HubError(`Files may have up to ${limits.upload} bytes.`);
      hash.update(bytes);
      await this.clients.caller.send("uploadProgress", id, size);
    }
    await this.#tell("uploaded", me, fileName);
    return { size, sha256: hash.digest("hex") };
  }

  /** Cuts the caller's connection for a second, as a network does that fails. */
  cut() {
    this.#lines.cut(this.context.request);
  }

  async onDisconnected() {
    const person = this.#room.leave(this.context.connectionId);
    if (person) await this.#tell("left", person);
  }

  get #me() {
    const person = this.#room.find(this.context.connectionId);
    if (!person) throw new HubError("Join the room first.");
    return person;
  }

  async #tell(event, who, text) {
    const everybody = this.clients.group(EVERYBODY);
    await everybody.send("happened", this.#room.note(event, who, text));
    if (event !== "said" && event !== "uploaded") await everybody.send("present", this.#room.people);
  }
}

/** What a client sent as text: one line, not empty, not too long. */
function checkedText(value, maximum, what) {
  if (typeof value !== "string") throw new HubError(`${what} must be text.`);
  const text = value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  if (text === "") throw new HubError(`${what} must not be empty.`);
  if (text.length > maximum) throw new HubError(`${what} may have up to ${maximum} characters.`);
  return text;
}
