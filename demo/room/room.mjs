// The room itself: who is here and what was said. It knows nothing about connections.
import { limits } from "./limits.mjs";
import { Pulse } from "./pulse.mjs";

export class Room {
  /** The curve that everybody sees; whatever is said moves it. */
  pulse = new Pulse();
  #people = new Map();
  /** Ids of people by the secret that they came with. */
  #secrets = new Map();
  #messages = [];
  #lastId = 0;

  /** Everybody in the room, in the order of their coming. */
  get people() {
    return [...this.#people.values()];
  }

  /** The person with this id, if they are here. */
  find(id) {
    return this.#people.get(id);
  }

  /** Somebody comes in. A name that is taken gets a number. */
  enter(id, { name, isBot, secret }) {
    const person = { id, name: this.#freeName(name), isBot };
    this.#people.set(id, person);
    if (secret !== undefined) this.#secrets.set(secret, id);
    return person;
  }

  /** Whoever came with this secret goes, if they are still here; returns who it was. */
  leaveBySecret(secret) {
    return this.leave(this.#secrets.get(secret));
  }

  /** Somebody goes; returns who it was, if they had come in. */
  leave(id) {
    const person = this.#people.get(id);
    this.#people.delete(id);
    for (const [secret, owner] of this.#secrets) if (owner === id) this.#secrets.delete(secret);
    return person;
  }

  /** Somebody takes another name. */
  rename(person, wantedName) {
    if (wantedName === person.name) return person;
    const renamed = { ...person, name: this.#freeName(wantedName) };
    this.#people.set(person.id, renamed);
    return renamed;
  }

  /** Remembers what happened: `said`, `joined`, `left`, `renamed` or `uploaded`. Returns it as clients get it. */
  note(event, who, text = "") {
    // The time, but never the same one twice: ids grow, also across a restart of the server.
    this.#lastId = Math.max(this.#lastId + 1, Date.now());
    const message = { id: this.#lastId, event, who, text };
    this.#messages.push(message);
    if (this.#messages.length > limits.history) this.#messages.shift();
    this.pulse.kick();
    return message;
  }

  /** What is remembered of what came after a message. */
  messagesAfter(id) {
    return this.#messages.filter((message) => message.id > id);
  }

  #freeName(wanted) {
    const taken = new Set(this.people.map(({ name }) => name.toLowerCase()));
    let name = wanted;
    for (let number = 2; taken.has(name.toLowerCase()); number++) {
      const suffix = ` ${number}`;
      name = wanted.slice(0, limits.name - suffix.length) + suffix;
    }
    return name;
  }
}
