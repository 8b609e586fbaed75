// A WebSocket client that costs next to nothing, so that the server under test stays the slower end: it writes frames that were
// encoded beforehand, and keeps what comes without looking at more than the frames' heads and the number of messages.
import { once } from "node:events";
import { connect } from "node:net";

const pieceLength = 64 * 1024;
const recordSeparator = 0x1e;
const closeFrame = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/**
 * A text frame. The mask is zero, which leaves the content as it is.
 * @param {string} text
 */
export function clientFrame(text) {
  const content = Buffer.from(text);
  const { length } = content;
  const head =
    length < 126
      ? Buffer.from([0x81, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, content]);
}

/** @param {object} message */
export function encoded(message) {
  return clientFrame(`${JSON.stringify(message)}\x1e`);
}

export class LoadSocket {
  /** Called with the number of messages that have just come. @type {(count: number) => void} */
  onMessages = () => undefined;
  /** The content of all frames since it was last emptied. @type {Buffer[]} */
  kept = [];
  #socket;
  /** @type {Buffer | undefined} */
  #rest;

  /**
   * Opens a connection, handshake included.
   * @param {string} url
   * @param {string} [token] from a negotiation
   */
  static async open(url, token) {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const query = token === undefined ? "" : `?id=${token}`;
    socket.write(
      `GET ${pathname}${query} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await upgraded(socket);
    const opened = new LoadSocket(socket);
    const answer = opened.messages(1);
    opened.write(clientFrame('{"protocol":"json","version":1}\x1e'));
    await answer;
    if (String(opened.take()) !== "{}\x1e") throw new Error("The handshake was refused");
    return opened;
  }

  /** @param {import("node:net").Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
  }

  /** @param {Buffer} frames */
  write(frames) {
    this.#socket.write(frames);
  }

  /**
   * Writes as fast as the other end reads.
   * @param {Buffer} frames
   */
  async pour(frames) {
    for (let start = 0; start < frames.length; start += pieceLength) {
      const piece = frames.subarray(start, start + pieceLength);
      if (!this.#socket.write(piece)) await once(this.#socket, "drain");
    }
  }

  /**
   * Fulfils when so many more messages have come.
   * @param {number} count
   * @returns {Promise<void>}
   */
  messages(count) {
    let left = count;
    return new Promise((resolve) => {
      this.onMessages = (arrived) => {
        left -= arrived;
        if (left <= 0) resolve();
      };
    });
  }

  /** What was kept, which is forgotten. */
  take() {
    const content = Buffer.concat(this.kept);
    this.kept = [];
    return content;
  }

  /** The same as messages. @returns {any[]} */
  takeMessages() {
    return this.take()
      .toString()
      .split("\x1e")
      .slice(0, -1)
      .map((record) => JSON.parse(record));
  }

  /** Calls a method and takes its answer. @param {string} target @param {unknown[]} args */
  async invoke(target, ...args) {
    const answered = this.messages(1);
    this.write(encoded({ type: 1, invocationId: "0", target, arguments: args }));
    await answered;
    return this.takeMessages()[0]?.result;
  }

  /** @returns {Promise<void>} */
  close() {
    return new Promise((resolve, reject) => {
      this.#socket.once("close", () => resolve()).once("error", reject);
      this.#socket.write(closeFrame);
    });
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    const data = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    let position = 0;
    let count = 0;
    for (;;) {
      const start = contentStart(data, position);
      const end = start + contentLength(data, position, start);
      if (!(end <= data.length)) break;
      if (data[position] === 0x81) {
        this.kept.push(data.subarray(start, end));
        count += countMessages(data, start, end);
      }
      position = end;
    }
    this.#rest = position < data.length ? data.subarray(position) : undefined;
    if (count > 0) this.onMessages(count);
  }
}

/**
 * @param {import("node:net").Socket} socket
 * @returns {Promise<void>}
 */
function upgraded(socket) {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (head) => {
      // Nothing follows: the server speaks when the handshake has come.
      if (head.toString("latin1").startsWith("HTTP/1.1 101")) resolve();
      else reject(new Error(`Not upgraded: ${head}`));
    });
  });
}

/**
 * @param {Buffer} data
 * @param {number} position
 */
function contentStart(data, position) {
  const length = data[position + 1];
  return position + (length === 126 ? 4 : length === 127 ? 10 : 2);
}

/**
 * NaN while the head is incomplete.
 * @param {Buffer} data
 * @param {number} position
 * @param {number} start
 */
function contentLength(data, position, start) {
  if (start > data.length) return NaN;
  const length = data[position + 1];
  if (length === 126) return data.readUInt16BE(position + 2);
  return length === 127 ? Number(data.readBigUInt64BE(position + 2)) : length;
}

/**
 * @param {Buffer} data
 * @param {number} start
 * @param {number} end
 */
function countMessages(data, start, end) {
  let count = 0;
  for (let at = data.indexOf(recordSeparator, start); at >= 0 && at < end; at = data.indexOf(recordSeparator, at + 1)) {
    count++;
  }
  return count;
}
