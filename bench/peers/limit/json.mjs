// JSON for the limit: built by hand around the values, parsed by JSON.parse.

const separator = "\x1e";

export class JsonCodec {
  handshake = `{"protocol":"json","version":1}${separator}`;
  #text = "";

  /**
   * @param {1 | 4} type
   * @param {number} id
   * @param {string} target
   * @param {unknown[]} args
   * @param {number} streamId
   */
  call(type, id, target, args, streamId) {
    const content = JSON.stringify(args);
    if (id === 0) {
      this.#text += `{"type":${type},"target":"${target}","arguments":${content}}\x1e`;
    } else if (streamId === 0) {
      this.#text += `{"type":${type},"invocationId":"${id}","target":"${target}","arguments":${content}}\x1e`;
    } else {
      this.#text += `{"type":1,"invocationId":"${id}","target":"${target}","arguments":[],"streamIds":["${streamId}"]}\x1e`;
    }
  }

  /**
   * @param {number} streamId
   * @param {unknown} item
   */
  item(streamId, item) {
    this.#text += `{"type":2,"invocationId":"${streamId}","item":${JSON.stringify(item)}}\x1e`;
  }

  /** @param {number} streamId */
  complete(streamId) {
    this.#text += `{"type":3,"invocationId":"${streamId}"}\x1e`;
  }

  take() {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  /**
   * @param {Buffer | string} data text comes without its last separator
   * @param {import("./codec.mjs").Receiver} receiver
   */
  read(data, receiver) {
    const text = typeof data === "string" ? data : slice(data);
    let end = text.indexOf(separator);
    if (end < 0) {
      dispatch(JSON.parse(text), receiver);
      return;
    }
    let start = 0;
    do {
      dispatch(JSON.parse(text.slice(start, end)), receiver);
      start = end + 1;
      end = text.indexOf(separator, start);
    } while (end >= 0);
    dispatch(JSON.parse(text.slice(start)), receiver);
  }
}

/**
 * The unlisted method below toString(): 2 % of a small message.
 * @param {any} data
 * @returns {string}
 */
function slice(data) {
  return data.utf8Slice(0, data.length - 1);
}

/**
 * @param {any} message
 * @param {import("./codec.mjs").Receiver} receiver
 */
function dispatch(message, receiver) {
  switch (message.type) {
    case 1:
      receiver.onCall(message.target, message.arguments);
      break;
    case 2:
      receiver.onItem(message.invocationId, message.item);
      break;
    case 3:
      receiver.onCompletion(message.invocationId, message.result);
      break;
  }
}
