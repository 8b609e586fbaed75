// How the hub of the bench server writes: whole frames as ready bytes, so that it costs next to nothing.
import { encodeFrame, shortFrame } from "./frames.mjs";

/**
 * @typedef {object} Channel
 * @property {string} name
 * @property {Output} output
 * @property {(payload: string | Buffer, head: 0x81 | 0x82) => Buffer} frame a frame with these messages
 * @property {(payload: string, head: 0x81 | 0x82) => string} shortFrame the same for a short payload, as latin1
 */

/**
 * What a channel's frames are written to.
 * @typedef {object} Output
 * @property {{ (frames: Buffer): boolean, (frames: string, encoding: "latin1"): boolean }} write
 * @property {(event: "drain", listener: () => void) => unknown} once
 */

/**
 * WebSocket frames, written to the raw socket.
 * @param {import("node:stream").Duplex} socket
 * @returns {Channel}
 */
export function webSocketChannel(socket) {
  return { name: "ws", output: socket, frame: encodeFrame, shortFrame };
}

/**
 * Server-sent events, as ASP.NET Core writes them.
 * @param {import("node:http").ServerResponse} response
 * @returns {Channel}
 */
export function eventChannel(response) {
  return {
    name: "events",
    output: response,
    frame: (payload) => Buffer.from(`data: ${payload.toString()}\r\n\r\n`),
    shortFrame: (payload) => `data: ${payload}\r\n\r\n`,
  };
}

/** The answers of polls, which are the messages alone. */
export class PollChannel {
  name = "polls";
  output = this;
  /** @type {import("node:http").ServerResponse | undefined} */
  #poll;
  #waiting = "";
  #hasPolled = false;

  /** @param {import("node:http").ServerResponse} response of a poll; the first one is answered at once */
  take(response) {
    if (!this.#hasPolled || this.#waiting !== "") this.#answer(response);
    else this.#poll = response;
    this.#hasPolled = true;
  }

  /** The connection is over. */
  end() {
    this.#poll?.writeHead(204).end();
    this.#poll = undefined;
  }

  /** @param {string | Buffer} payload */
  frame(payload) {
    return Buffer.from(payload);
  }

  /** @param {string} payload */
  shortFrame(payload) {
    return payload;
  }

  /** @param {string | Buffer} frames */
  write(frames) {
    this.#waiting += frames.toString("latin1");
    if (this.#poll !== undefined) this.#answer(this.#poll);
    return true;
  }

  once() {
    return this;
  }

  /** @param {import("node:http").ServerResponse} response */
  #answer(response) {
    const content = this.#waiting;
    this.#waiting = "";
    this.#poll = undefined;
    response
      .writeHead(200, { "content-type": "application/octet-stream", "content-length": content.length })
      .end(content, "latin1");
  }
}
