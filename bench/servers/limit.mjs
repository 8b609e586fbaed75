// The yardstick of the server rows: negotiate on node:http, bare `ws`, and the least protocol work imaginable: parse, look up,
// call, answer. Broadcasts of one turn share a frame, and so do the items of a stream. No timers, logs, validation or errors.
import { WebSocketServer } from "ws";
import { serve } from "./control.mjs";
import { countTo, sum } from "./work.mjs";

const separator = "\x1e";
const streamChunk = 64 * 1024;
const highWaterMark = 1024 * 1024;

/** @type {Set<Client>} */
const all = new Set();
/** @type {Set<Client>} */
const group = new Set();

/** @type {Record<string, (client: Client, ...args: any[]) => unknown>} */
const methods = {
  Echo: (_client, value) => value,
  Join: (client) => void group.add(client),
  Broadcast: (_client, count) => sendTicks(all, count),
  BroadcastToGroup: (_client, count) => sendTicks(group, count),
  Stream: (_client, count) => countTo(count),
  Upload: (_client, items) => sum(items),
};

/**
 * @param {Set<Client>} clients
 * @param {number} count
 */
function sendTicks(clients, count) {
  let text = "";
  for (let index = 0; index < count; index++) text += `{"type":1,"target":"Tick","arguments":[${index}]}\x1e`;
  const bytes = Buffer.from(text);
  for (const client of clients) client.socket.send(bytes, { binary: false });
}

/** The reading end of an upload. */
class Items {
  /** @type {unknown[]} */
  #items = [];
  #isOver = false;
  /** @type {((result: IteratorResult<unknown>) => void) | undefined} */
  #waiting;

  /** @param {unknown} item */
  push(item) {
    if (this.#waiting === undefined) this.#items.push(item);
    else this.#settle({ done: false, value: item });
  }

  end() {
    this.#isOver = true;
    if (this.#waiting !== undefined) this.#settle({ done: true, value: undefined });
  }

  next() {
    if (this.#items.length > 0) return Promise.resolve({ done: false, value: this.#items.shift() });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** @param {IteratorResult<unknown>} result */
  #settle(result) {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(result);
  }
}

class Client {
  socket;
  #handshaken = false;
  /** @type {Map<string, Items> | undefined} */
  #uploads;

  /** @param {import("ws").WebSocket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on("message", (data) => this.#receive(String(data)));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      all.delete(this);
      group.delete(this);
    });
  }

  /** @param {string} text */
  #receive(text) {
    let start = 0;
    for (let end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
      const message = JSON.parse(text.slice(start, end));
      start = end + 1;
      if (this.#handshaken) this.#dispatch(message);
      else this.#begin();
    }
  }

  #begin() {
    this.#handshaken = true;
    this.socket.send("{}\x1e");
    all.add(this);
  }

  /** @param {any} message */
  #dispatch(message) {
    switch (message.type) {
      case 1:
        return void this.#call(message);
      case 2:
        return this.#uploads?.get(message.invocationId)?.push(message.item);
      case 3:
        this.#uploads?.get(message.invocationId)?.end();
        return this.#uploads?.delete(message.invocationId);
      case 4:
        return void this.#stream(message);
    }
  }

  /** @param {any} message */
  #call({ target, invocationId, arguments: args, streamIds }) {
    if (streamIds !== undefined) {
      const items = new Items();
      (this.#uploads ??= new Map()).set(streamIds[0], items);
      args.push(items);
    }
    const result = methods[target](this, ...args);
    if (invocationId === undefined) return;
    if (result instanceof Promise) void result.then((value) => this.#complete(invocationId, value));
    else this.#complete(invocationId, result);
  }

  /**
   * @param {string} id
   * @param {unknown} result
   */
  #complete(id, result) {
    this.socket.send(`{"type":3,"invocationId":"${id}","result":${JSON.stringify(result) ?? "null"}}\x1e`);
  }

  /** @param {any} message */
  async #stream({ target, invocationId: id, arguments: args }) {
    let text = "";
    for await (const item of /** @type {AsyncIterable<unknown>} */ (methods[target](this, ...args))) {
      text += `{"type":2,"invocationId":"${id}","item":${JSON.stringify(item)}}\x1e`;
      if (text.length < streamChunk) continue;
      await this.#send(text);
      text = "";
    }
    this.socket.send(`${text}{"type":3,"invocationId":"${id}"}\x1e`);
  }

  /** @param {string} text */
  #send(text) {
    if (this.socket.bufferedAmount < highWaterMark) return this.socket.send(text);
    return new Promise((resolve) => this.socket.send(text, resolve));
  }
}

let connections = 0;

serve((server) => {
  server.on("request", (request, response) => {
    request.resume();
    const id = String(++connections).padStart(22, "0");
    const transports = '[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]';
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(
        `{"negotiateVersion":1,"connectionId":"id${id}","connectionToken":"token${id}","availableTransports":${transports}}`,
      );
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
  server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => new Client(client));
  });
});
