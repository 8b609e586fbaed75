// MessagePack for the limit: `@msgpack/msgpack`, with one encoder and one decoder for all messages.
import { Decoder, Encoder } from "@msgpack/msgpack";

const noHeaders = {};
/** @type {string[]} */
const noStreams = [];
const longestPrefix = 5;

export class MessagePackCodec {
  handshake = '{"protocol":"messagepack","version":1}\x1e';
  #encoder = new Encoder();
  #decoder = new Decoder();
  #chunk = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  /**
   * @param {1 | 4} type
   * @param {number} id
   * @param {string} target
   * @param {unknown[]} args
   * @param {number} streamId
   */
  call(type, id, target, args, streamId) {
    const streams = streamId === 0 ? noStreams : [String(streamId)];
    this.#add([type, noHeaders, id === 0 ? null : String(id), target, args, streams]);
  }

  /**
   * @param {number} streamId
   * @param {unknown} item
   */
  item(streamId, item) {
    this.#add([2, noHeaders, String(streamId), item]);
  }

  /** @param {number} streamId */
  complete(streamId) {
    this.#add([3, noHeaders, String(streamId), 2]);
  }

  take() {
    const chunk = this.#chunk.subarray(0, this.#length);
    this.#length = 0;
    return chunk;
  }

  /**
   * @param {Buffer} data
   * @param {import("./codec.mjs").Receiver} receiver
   */
  read(data, receiver) {
    let position = 0;
    while (position < data.length) {
      let length = data[position++];
      if (length > 0x7f) {
        length &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) {
          byte = data[position++];
          length |= (byte & 0x7f) << shift;
        }
      }
      const end = position + length;
      dispatch(/** @type {any[]} */ (this.#decoder.decode(data.subarray(position, end))), receiver);
      position = end;
    }
  }

  /** @param {unknown[]} message */
  #add(message) {
    const content = this.#encoder.encodeSharedRef(message);
    const needed = this.#length + longestPrefix + content.length;
    if (needed > this.#chunk.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#chunk.copy(larger, 0, 0, this.#length);
      this.#chunk = larger;
    }
    const chunk = this.#chunk;
    let rest = content.length;
    for (; rest > 0x7f; rest >>= 7) chunk[this.#length++] = (rest & 0x7f) | 0x80;
    chunk[this.#length++] = rest;
    chunk.set(content, this.#length);
    this.#length += content.length;
  }
}

/**
 * @param {any[]} message
 * @param {import("./codec.mjs").Receiver} receiver
 */
function dispatch(message, receiver) {
  switch (message[0]) {
    case 1:
      receiver.onCall(message[3], message[4]);
      break;
    case 2:
      receiver.onItem(message[2], message[3]);
      break;
    case 3:
      receiver.onCompletion(message[2], message[4]);
      break;
  }
}
