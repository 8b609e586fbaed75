// Takes in what a client sends in bulk without looking at it, so that the client stays the slower end; it is read and
// checked when the clock has stopped. Used by the hub of the bench server.

const pingType = 6;

/**
 * What arrived, as the rows check it.
 * @typedef {object} IntakeReport
 * @property {number} count messages of the awaited type
 * @property {boolean} inOrder they carried 0, 1, 2, …
 * @property {number} others messages of other types, pings not counted
 */

export class Intake {
  /** @type {Buffer[]} */
  #frames = [];
  #encoding;
  #endMark;

  /**
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {string} endMark text that only the last message contains
   */
  constructor(encoding, endMark) {
    this.#encoding = encoding;
    this.#endMark = endMark;
  }

  /**
   * Keeps a frame. Only its last message can be the last of all: whoever sends it waits for the answer.
   * @param {Buffer} frame
   * @returns {any} the last message, once it is there
   */
  add(frame) {
    this.#frames.push(frame);
    if (!frame.toString("latin1", Math.max(0, frame.length - 200)).includes(this.#endMark)) return undefined;
    return this.#messages(frame).at(-1);
  }

  /**
   * @param {number} type the awaited message type
   * @param {(message: any) => unknown} value where its number is
   * @returns {IntakeReport}
   */
  report(type, value) {
    const report = { count: 0, inOrder: true, others: 0 };
    const messages = this.#frames.flatMap((frame) => this.#messages(frame));
    messages.pop();
    for (const message of messages) {
      if (message.type === pingType) continue;
      if (message.type !== type) report.others++;
      else if (value(message) !== report.count++) report.inOrder = false;
    }
    return report;
  }

  /** @param {Buffer} frame */
  #messages(frame) {
    const text = frame.toString("latin1");
    const messages = [];
    let position = 0;
    for (;;) {
      const bounds = this.#encoding.bounds(text, position);
      if (bounds === undefined) break;
      messages.push(this.#encoding.decode(frame, bounds.start, bounds.end));
      position = bounds.next;
    }
    if (position !== frame.length) throw new Error("A frame ended inside a message");
    return messages;
  }
}
