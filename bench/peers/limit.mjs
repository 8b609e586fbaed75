// The yardstick: bare `ws` with the least protocol work imaginable. It parses, looks up and calls; writes of one
// microtask checkpoint share a frame. No timers, logs, validation, errors, reconnect or back-pressure.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import WebSocket from "ws";

/** @typedef {import("../types.mjs").Observer} Observer */

const agent = new Agent({ keepAlive: true });
// More than any row has in flight; a power of two, so that an id finds its place with one mask.
const pendingSlots = 512;

class LimitUpload {
  /** @type {LimitConnection | undefined} */
  connection;
  streamId = "";

  /** @param {unknown} item */
  next(item) {
    this.connection?.write(`{"type":2,"invocationId":"${this.streamId}","item":${JSON.stringify(item)}}\x1e`);
  }

  complete() {
    this.connection?.write(`{"type":3,"invocationId":"${this.streamId}"}\x1e`);
  }
}

class LimitConnection {
  #url;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {Map<string, (...args: any[]) => void>} */
  #handlers = new Map();
  /** @type {(((result: any) => void) | Observer | undefined)[] | undefined} */
  #pending;
  #lastId = 0;
  #outgoing = "";
  /** @type {Promise<void> | undefined} */
  #flushing;
  #flush = () => {
    const text = this.#outgoing;
    this.#outgoing = "";
    this.#flushing = undefined;
    this.#socket?.send(text);
  };

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  async start() {
    const { connectionToken } = await negotiate(this.#url);
    const socket = new WebSocket(`${this.#url.replace("http", "ws")}?id=${connectionToken}`, {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("open", () => socket.send('{"protocol":"json","version":1}\x1e'));
      socket.once("message", resolve);
    });
    socket.on("message", (data) => this.#receive(/** @type {Buffer} */ (data)));
  }

  stop() {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#socket?.once("close", () => resolve());
        this.#socket?.close();
      })
    );
  }

  /**
   * @param {string} target
   * @param {(...args: any[]) => void} handler
   */
  on(target, handler) {
    this.#handlers.set(target, handler);
  }

  /**
   * @param {string} target
   * @param {unknown[]} args
   */
  invoke(target, ...args) {
    return new Promise((resolve) => {
      const id = this.#enter(resolve);
      const upload = args[0];
      if (upload instanceof LimitUpload) {
        upload.connection = this;
        upload.streamId = String(++this.#lastId);
        this.write(
          `{"type":1,"invocationId":"${id}","target":"${target}","arguments":[],"streamIds":["${upload.streamId}"]}\x1e`,
        );
      } else {
        this.write(`{"type":1,"invocationId":"${id}","target":"${target}","arguments":${JSON.stringify(args)}}\x1e`);
      }
    });
  }

  /**
   * @param {string} target
   * @param {unknown[]} args
   */
  send(target, ...args) {
    return this.write(`{"type":1,"target":"${target}","arguments":${JSON.stringify(args)}}\x1e`);
  }

  /**
   * @param {string} target
   * @param {unknown[]} args
   */
  stream(target, ...args) {
    return {
      /** @param {Observer} observer */
      subscribe: (observer) => {
        const id = this.#enter(observer);
        this.write(`{"type":4,"invocationId":"${id}","target":"${target}","arguments":${JSON.stringify(args)}}\x1e`);
      },
    };
  }

  /** @param {string} text */
  write(text) {
    this.#outgoing += text;
    return (this.#flushing ??= Promise.resolve().then(this.#flush));
  }

  /** @param {((result: any) => void) | Observer} entry */
  #enter(entry) {
    const id = ++this.#lastId;
    (this.#pending ??= new Array(pendingSlots).fill(undefined))[id & (pendingSlots - 1)] = entry;
    return id;
  }

  /** @param {Buffer} data */
  #receive(data) {
    // The unlisted method below toString(): 2 % of a small message.
    const text = /** @type {Buffer & { utf8Slice(start: number, end: number): string }} */ (data).utf8Slice(
      0,
      data.length - 1,
    );
    let end = text.indexOf("\x1e");
    if (end < 0) {
      this.#dispatch(JSON.parse(text));
      return;
    }
    let start = 0;
    do {
      this.#dispatch(JSON.parse(text.slice(start, end)));
      start = end + 1;
      end = text.indexOf("\x1e", start);
    } while (end >= 0);
    this.#dispatch(JSON.parse(text.slice(start)));
  }

  /** @param {any} message */
  #dispatch(message) {
    switch (message.type) {
      case 1:
        this.#handlers.get(message.target)?.(...message.arguments);
        break;
      case 2:
        /** @type {any} */ (this.#pending)[message.invocationId & (pendingSlots - 1)].next(message.item);
        break;
      case 3: {
        const slot = message.invocationId & (pendingSlots - 1);
        const entry = /** @type {any} */ (this.#pending)[slot];
        /** @type {any} */ (this.#pending)[slot] = undefined;
        if (typeof entry === "function") entry(message.result);
        else entry.complete();
        break;
      }
    }
  }
}

/**
 * @param {string} url
 * @returns {Promise<{ connectionToken: string }>}
 */
function negotiate(url) {
  return new Promise((resolve, reject) => {
    request(`${url}/negotiate?negotiateVersion=1`, { method: "POST", agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve(JSON.parse(body)));
    })
      .on("error", reject)
      .end();
  });
}

const { version } = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("ws/package.json"), "utf8"));

/** @type {import("../types.mjs").Peer} */
export default {
  name: "limit",
  version: `ws ${version}`,
  create: (url) => new LimitConnection(url),
  createUpload: () => new LimitUpload(),
};
