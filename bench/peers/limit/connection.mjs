// A connection of the limit: looks up and calls; writes of one microtask checkpoint share a chunk. No timers, logs,
// validation, errors, reconnect or back-pressure. What it says on the wire is up to its codec, how it gets there to its carrier.

/** @typedef {import("../../types.mjs").Observer} Observer */

// More than any row has in flight; a power of two, so that an id finds its place with one mask.
const pendingSlots = 512;

/** The writing end of an upload stream. */
export class LimitUpload {
  /** @type {LimitConnection | undefined} */
  connection;
  streamId = 0;

  /** @param {unknown} item */
  next(item) {
    this.connection?.codec.item(this.streamId, item);
    void this.connection?.flushSoon();
  }

  complete() {
    this.connection?.codec.complete(this.streamId);
    void this.connection?.flushSoon();
  }
}

export class LimitConnection {
  /** @type {import("./codec.mjs").Codec} */
  codec;
  #carrier;
  /** @type {Map<string, (...args: any[]) => void>} */
  #handlers = new Map();
  /** @type {(((result: any) => void) | Observer | undefined)[] | undefined} */
  #pending;
  #lastId = 0;
  /** @type {Promise<void> | undefined} */
  #flushing;
  #flush = () => {
    this.#flushing = undefined;
    this.#carrier.send(this.codec.take());
  };

  /**
   * @param {import("./codec.mjs").Codec} codec
   * @param {import("./codec.mjs").Carrier} carrier
   */
  constructor(codec, carrier) {
    this.codec = codec;
    this.#carrier = carrier;
  }

  start() {
    return this.#carrier.open(this.codec.handshake, (data) => this.codec.read(data, this));
  }

  stop() {
    return this.#carrier.close();
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
        upload.streamId = ++this.#lastId;
        this.codec.call(1, id, target, [], upload.streamId);
      } else {
        this.codec.call(1, id, target, args, 0);
      }
      void this.flushSoon();
    });
  }

  /**
   * @param {string} target
   * @param {unknown[]} args
   */
  send(target, ...args) {
    this.codec.call(1, 0, target, args, 0);
    return this.flushSoon();
  }

  /**
   * @param {string} target
   * @param {unknown[]} args
   */
  stream(target, ...args) {
    return {
      /** @param {Observer} observer */
      subscribe: (observer) => {
        this.codec.call(4, this.#enter(observer), target, args, 0);
        void this.flushSoon();
      },
    };
  }

  flushSoon() {
    return (this.#flushing ??= Promise.resolve().then(this.#flush));
  }

  /**
   * Called by the codec.
   * @param {string} target
   * @param {unknown[]} args
   */
  onCall(target, args) {
    this.#handlers.get(target)?.(...args);
  }

  /**
   * Called by the codec.
   * @param {number} id
   * @param {unknown} item
   */
  onItem(id, item) {
    /** @type {any} */ (this.#pending)[id & (pendingSlots - 1)].next(item);
  }

  /**
   * Called by the codec.
   * @param {number} id
   * @param {unknown} result
   */
  onCompletion(id, result) {
    const slot = id & (pendingSlots - 1);
    const entry = /** @type {any} */ (this.#pending)[slot];
    /** @type {any} */ (this.#pending)[slot] = undefined;
    if (typeof entry === "function") entry(result);
    else entry.complete();
  }

  /** @param {((result: any) => void) | Observer} entry */
  #enter(entry) {
    const id = ++this.#lastId;
    (this.#pending ??= new Array(pendingSlots).fill(undefined))[id & (pendingSlots - 1)] = entry;
    return id;
  }
}
