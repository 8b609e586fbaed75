// The hub that every peer talks to: JSON over one WebSocket, only what the rows call. It answers by string surgery
// where a row depends on its speed, and parses properly everywhere else.
import { payloads } from "../payloads.mjs";
import { burstBlock, encodeBlock, pour } from "./bursts.mjs";
import { encodeFrame, shortFrame } from "./frames.mjs";
import { Intake } from "./intake.mjs";

const idMark = '"invocationId":"';
const argumentsMark = '"arguments":[';

/** @param {unknown} message */
const encode = (message) => JSON.stringify(message) + "\x1e";

export class Hub {
  #socket;
  #handshaken = false;
  /** @type {Intake | undefined} open while a client sends in bulk */
  #intake;
  /** @type {{ invocationId: string, intake: Intake } | undefined} */
  #upload;
  /** @type {Intake | undefined} */
  #finished;
  /** The items of the next stream: it has the next id. @type {{ name: string, block: Buffer } | undefined} */
  #nextStream;

  /** @param {import("node:stream").Duplex} socket the raw socket: whole frames are written to it */
  constructor(socket) {
    this.#socket = socket;
  }

  /** @param {Buffer} frame the payload of one WebSocket message */
  receive(frame) {
    if (this.#intake !== undefined) {
      this.#takeIn(frame);
      return;
    }
    const text = frame.toString("latin1");
    let answers = "";
    let start = 0;
    for (;;) {
      const end = text.indexOf("\x1e", start);
      if (end < 0) break;
      answers += this.#answer(text, start, end, frame);
      start = end + 1;
      if (this.#intake !== undefined) {
        if (start < frame.length) this.#takeIn(frame.subarray(start));
        break;
      }
    }
    if (answers !== "") this.#socket.write(answers, "latin1");
  }

  /**
   * @param {string} text the frame as latin1
   * @param {number} start
   * @param {number} end
   * @param {Buffer} frame
   * @returns {string} frames to write, as latin1
   */
  #answer(text, start, end, frame) {
    const record = text.slice(start, end);
    if (record.includes('"Echo"')) return echo(record);
    const message = JSON.parse(frame.toString("utf8", start, end));
    if (!this.#handshaken) {
      this.#handshaken = true;
      return shortFrame("{}\x1e");
    }
    return message.type === 1 || message.type === 4 ? this.#call(message) : "";
  }

  /** @param {{ type: number, target: string, invocationId: string, arguments: any[], streamIds?: string[] }} call */
  #call(call) {
    switch (call.target) {
      case "Burst":
        return this.#burst(call.arguments[0], call.arguments[1], call.arguments[2]);
      case "Stream":
        return this.#stream(call.invocationId, call.arguments[0], call.arguments[1], call.arguments[2]);
      case "Begin":
        this.#intake = new Intake('"Report"');
        return completion(call.invocationId, "null");
      case "Upload":
        this.#intake = new Intake('"type":3');
        this.#upload = { invocationId: call.invocationId, intake: this.#intake };
        return "";
      case "CheckSends":
        return completion(
          call.invocationId,
          this.#report(1, (message) => message.arguments[0]),
        );
      case "CheckUpload":
        return completion(
          call.invocationId,
          this.#report(2, (message) => message.item),
        );
      default:
        throw new Error(`The bench server has no method ${call.target}`);
    }
  }

  /** @param {Buffer} frame */
  #takeIn(frame) {
    const last = this.#intake?.add(frame);
    if (last === undefined) return;
    const answerTo = this.#upload === undefined ? String(JSON.parse(last).invocationId) : this.#upload.invocationId;
    this.#finished = this.#intake;
    this.#intake = undefined;
    this.#upload = undefined;
    this.#socket.write(completion(answerTo, "null"), "latin1");
  }

  /**
   * @param {number} type
   * @param {(message: any) => unknown} value
   */
  #report(type, value) {
    const report = this.#finished?.report(type, value);
    this.#finished = undefined;
    return JSON.stringify(report);
  }

  /**
   * @param {string} payload
   * @param {number} count
   * @param {number} perFrame
   */
  #burst(payload, count, perFrame) {
    const block = burstBlock(payload, perFrame, (args) => encode({ type: 1, target: "Tick", arguments: args }));
    pour(this.#socket, block, times(payload, count));
    return "";
  }

  /**
   * Encoded ahead of the clock, if the id was foreseen.
   * @param {number} id
   * @param {string} payload
   * @param {number} perFrame
   */
  #streamBlock(id, payload, perFrame) {
    if (this.#nextStream?.name === `${id}/${payload}/${perFrame}`) return this.#nextStream.block;
    return encodeBlock(payload, perFrame, (args) => encode({ type: 2, invocationId: String(id), item: args[0] }));
  }

  /**
   * @param {string} invocationId
   * @param {string} payload
   * @param {number} count
   * @param {number} perFrame
   */
  #stream(invocationId, payload, count, perFrame) {
    const id = Number(invocationId);
    const block = this.#streamBlock(id, payload, perFrame);
    pour(this.#socket, block, times(payload, count), encodeFrame(encode({ type: 3, invocationId })), () => {
      this.#nextStream = {
        name: `${id + 1}/${payload}/${perFrame}`,
        block: this.#streamBlock(id + 1, payload, perFrame),
      };
    });
    return "";
  }
}

/**
 * @param {string} payload
 * @param {number} count
 */
function times(payload, count) {
  const { cycle } = payloads[payload];
  if (count % cycle !== 0) throw new RangeError(`A burst of ${payload} is a multiple of ${cycle}`);
  return count / cycle;
}

/** @param {string} record an ASCII invocation with one argument that contains no bracket */
function echo(record) {
  const id = record.indexOf(idMark) + idMark.length;
  const first = record.indexOf(argumentsMark) + argumentsMark.length;
  return completion(record.slice(id, record.indexOf('"', id)), record.slice(first, record.indexOf("]", first)));
}

/**
 * @param {string} invocationId
 * @param {string} result ASCII JSON
 */
function completion(invocationId, result) {
  return shortFrame(`{"type":3,"invocationId":"${invocationId}","result":${result}}\x1e`);
}
