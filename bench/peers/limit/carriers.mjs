// The transports of the limit: bare `ws`, and bare `node:http` with keep-alive for Server-Sent Events and Long Polling.
import { Agent, request } from "node:http";
import WebSocket from "ws";

const agent = new Agent({ keepAlive: true });

export class WebSocketCarrier {
  #url;
  /** @type {WebSocket | undefined} */
  #socket;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} handshake
   * @param {(data: Buffer | string) => void} receive
   */
  async open(handshake, receive) {
    const { connectionToken } = await negotiate(this.#url);
    const socket = new WebSocket(`${this.#url.replace("http", "ws")}?id=${connectionToken}`, {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("open", () => socket.send(handshake));
      socket.once("message", resolve);
    });
    socket.on("message", /** @type {any} */ (receive));
  }

  /** @param {string | Uint8Array} chunk */
  send(chunk) {
    this.#socket?.send(chunk);
  }

  close() {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#socket?.once("close", () => resolve());
        this.#socket?.close();
      })
    );
  }
}

/** Events of one line each, as the server of the benchmark writes them. */
export class EventsCarrier {
  #url;
  #address = "";
  /** @type {import("node:http").IncomingMessage | undefined} */
  #response;
  /** The start of an event whose end has not arrived. */
  #rest = "";

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} handshake
   * @param {(data: Buffer | string) => void} receive
   */
  async open(handshake, receive) {
    const { connectionToken } = await negotiate(this.#url);
    this.#address = `${this.#url}?id=${connectionToken}`;
    const response = await exchange(this.#address, { method: "GET", headers: { accept: "text/event-stream" } });
    this.#response = response;
    /** @type {() => void} */
    let handshaken = () => undefined;
    const answered = /** @type {Promise<void>} */ (new Promise((resolve) => (handshaken = resolve)));
    /** @type {(data: string) => void} */
    let deliver = () => {
      deliver = receive;
      handshaken();
    };
    response.setEncoding("utf8").on("data", (chunk) => this.#split(chunk, (data) => deliver(data)));
    this.send(handshake);
    await answered;
  }

  /** @param {string | Uint8Array} chunk */
  send(chunk) {
    void post(this.#address, chunk);
  }

  async close() {
    this.#response?.destroy();
  }

  /**
   * @param {string} chunk
   * @param {(data: string) => void} deliver
   */
  #split(chunk, deliver) {
    const text = this.#rest + chunk;
    let start = text.indexOf("data: ");
    for (;;) {
      const end = start < 0 ? -1 : text.indexOf("\x1e\r\n\r\n", start);
      if (end < 0) break;
      deliver(text.slice(start + 6, end));
      start = end + 5;
    }
    this.#rest = start < 0 ? "" : text.slice(start);
  }
}

export class PollingCarrier {
  #url;
  #address = "";
  #isOpen = false;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} handshake
   * @param {(data: Buffer | string) => void} receive
   */
  async open(handshake, receive) {
    const { connectionToken } = await negotiate(this.#url);
    this.#address = `${this.#url}?id=${connectionToken}`;
    this.#isOpen = true;
    await body(await exchange(this.#address, { method: "GET" }));
    const answer = exchange(this.#address, { method: "GET" }).then(body);
    this.send(handshake);
    await answer;
    void this.#poll(receive);
  }

  /** @param {string | Uint8Array} chunk */
  send(chunk) {
    void post(this.#address, chunk);
  }

  async close() {
    this.#isOpen = false;
    await body(await exchange(this.#address, { method: "DELETE" }));
  }

  /** @param {(data: Buffer | string) => void} receive */
  async #poll(receive) {
    while (this.#isOpen) {
      const data = await body(await exchange(this.#address, { method: "GET" }));
      if (data.length > 0) receive(data);
    }
  }
}

/**
 * @param {string} url
 * @returns {Promise<{ connectionToken: string }>}
 */
async function negotiate(url) {
  const response = await exchange(`${url}/negotiate?negotiateVersion=1`, { method: "POST" });
  return JSON.parse((await body(response)).toString());
}

/**
 * @param {string} address
 * @param {string | Uint8Array} chunk
 */
async function post(address, chunk) {
  await body(await exchange(address, { method: "POST", headers: { "content-length": chunk.length } }, chunk));
}

/**
 * @param {string} address
 * @param {import("node:http").RequestOptions} options
 * @param {string | Uint8Array} [content]
 * @returns {Promise<import("node:http").IncomingMessage>}
 */
function exchange(address, options, content) {
  return new Promise((resolve, reject) => {
    request(address, { ...options, agent }, resolve)
      .on("error", reject)
      .end(content);
  });
}

/**
 * @param {import("node:http").IncomingMessage} response
 * @returns {Promise<Buffer>}
 */
function body(response) {
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    response.on("error", reject);
  });
}
