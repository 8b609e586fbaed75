// Takes in what a client sends in bulk without looking at it, so that the client stays the slower end; it is read and
// checked when the clock has stopped. Used by the hub of the bench server.

const recordSeparator = 0x1e;

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
  #endMark;

  /** @param {string} endMark text that only the last message contains */
  constructor(endMark) {
    this.#endMark = endMark;
  }

  /**
   * Keeps a frame. Only its last message can be the last of all: whoever sends it waits for the answer.
   * @param {Buffer} frame
   * @returns {string | undefined} the last message, once it is there
   */
  add(frame) {
    this.#frames.push(frame);
    const tail = frame.toString("latin1", Math.max(0, frame.length - 200), frame.length - 1);
    return tail.includes(this.#endMark) ? tail.slice(tail.lastIndexOf("\x1e") + 1) : undefined;
  }

  /**
   * @param {number} type the awaited message type
   * @param {(message: any) => unknown} value where its number is
   * @returns {IntakeReport}
   */
  report(type, value) {
    const report = { count: 0, inOrder: true, others: 0 };
    for (const frame of this.#frames) {
      let start = 0;
      for (;;) {
        const end = frame.indexOf(recordSeparator, start);
        if (end < 0) break;
        const text = frame.toString("utf8", start, end);
        start = end + 1;
        const message = JSON.parse(text);
        if (text.includes(this.#endMark) || message.type === 6) continue;
        if (message.type !== type) report.others++;
        else if (value(message) !== report.count++) report.inOrder = false;
      }
      if (start !== frame.length) throw new Error("A frame ended inside a message");
    }
    return report;
  }
}
