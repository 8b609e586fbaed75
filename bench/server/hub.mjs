// The hub that every client is measured against: one connection, only what the rows call.
import { payloads } from "../payloads.mjs";
import { burstBlock, encodeBlock, pour } from "./bursts.mjs";
import { encodingFor } from "./encoding.mjs";
import { Intake } from "./intake.mjs";

/** @typedef {{ type: number, target: string, invocationId: string, arguments: any[] }} Call */

export class Hub {
  #channel;
  /** Known after the handshake. @type {import("./encoding.mjs").Encoding | undefined} */
  #encoding;
  /** @type {Intake | undefined} open while a client sends in bulk */
  #intake;
  /** @type {string | undefined} of the call whose upload is under way */
  #uploadId;
  /** @type {Intake | undefined} */
  #finished;
  /** The items of the next stream: it has the next id. @type {{ name: string, block: Buffer } | undefined} */
  #nextStream;

  /** @param {import("./channels.mjs").Channel} channel */
  constructor(channel) {
    this.#channel = channel;
  }

  /** @param {Buffer} frame whole messages */
  receive(frame) {
    if (this.#encoding === undefined) this.#shakeHands(frame);
    else if (this.#intake !== undefined) this.#takeIn(this.#intake, frame, this.#encoding);
    else this.#answer(frame, this.#encoding);
  }

  /** @param {Buffer} frame */
  #shakeHands(frame) {
    const end = frame.indexOf(0x1e) + 1;
    const encoding = encodingFor(frame.toString("latin1", 0, end));
    this.#encoding = encoding;
    this.#channel.output.write(this.#channel.frame("{}\x1e", encoding.frameHead));
    if (end < frame.length) this.#answer(frame.subarray(end), encoding);
  }

  /**
   * @param {Buffer} frame
   * @param {import("./encoding.mjs").Encoding} encoding
   */
  #answer(frame, encoding) {
    const text = frame.toString("latin1");
    let answers = "";
    let position = 0;
    for (;;) {
      const bounds = encoding.bounds(text, position);
      if (bounds === undefined) break;
      const { start, end, next } = bounds;
      const record = text.slice(start, end);
      if (encoding.isEcho(record)) answers += this.#channel.shortFrame(encoding.echo(record), encoding.frameHead);
      else this.#call(encoding.decode(frame, start, end), encoding);
      position = next;
      if (this.#intake !== undefined) {
        if (next < frame.length) this.#takeIn(this.#intake, frame.subarray(next), encoding);
        break;
      }
    }
    if (answers !== "") this.#channel.output.write(answers, "latin1");
  }

  /**
   * @param {Call} call
   * @param {import("./encoding.mjs").Encoding} encoding
   */
  #call(call, encoding) {
    if (call.type !== 1 && call.type !== 4) return;
    const { invocationId: id, arguments: args } = call;
    switch (call.target) {
      case "Burst":
        return this.#burst(encoding, args[0], args[1], args[2]);
      case "Stream":
        return this.#stream(encoding, id, args[0], args[1], args[2]);
      case "Begin":
        this.#intake = new Intake(encoding, encoding.callEndMark);
        return this.#complete(encoding, id, null);
      case "Upload":
        this.#intake = new Intake(encoding, encoding.uploadEndMark);
        this.#uploadId = id;
        return;
      case "CheckSends":
        return this.#complete(
          encoding,
          id,
          this.#report(1, (message) => message.arguments[0]),
        );
      case "CheckBinarySends":
        return this.#complete(encoding, id, this.#report(1, binaryIndex));
      case "CheckUpload":
        return this.#complete(
          encoding,
          id,
          this.#report(2, (message) => message.item),
        );
      default:
        throw new Error(`The bench server has no method ${call.target}`);
    }
  }

  /**
   * @param {Intake} intake
   * @param {Buffer} frame
   * @param {import("./encoding.mjs").Encoding} encoding
   */
  #takeIn(intake, frame, encoding) {
    const last = intake.add(frame);
    if (last === undefined) return;
    const answerTo = this.#uploadId ?? last.invocationId;
    this.#finished = intake;
    this.#intake = undefined;
    this.#uploadId = undefined;
    this.#complete(encoding, answerTo, null);
  }

  /**
   * @param {number} type
   * @param {(message: any) => unknown} value
   */
  #report(type, value) {
    const report = this.#finished?.report(type, value);
    this.#finished = undefined;
    return report ?? null;
  }

  /**
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {string} invocationId
   * @param {unknown} result
   */
  #complete(encoding, invocationId, result) {
    this.#write(encoding, { type: 3, invocationId, result });
  }

  /**
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {object} message
   */
  #write(encoding, message) {
    this.#channel.output.write(this.#channel.frame(encoding.encode(message), encoding.frameHead));
  }

  /**
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {string} payload
   * @param {number} count
   * @param {number} perFrame
   */
  #burst(encoding, payload, count, perFrame) {
    const kind = { channel: this.#channel, encoding, payload, perFrame };
    const block = burstBlock(kind, (args) => ({ type: 1, target: "Tick", arguments: args }));
    pour(this.#channel.output, block, times(payload, count));
  }

  /**
   * Encoded ahead of the clock, if the id was foreseen.
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {number} id
   * @param {string} payload
   * @param {number} perFrame
   */
  #streamBlock(encoding, id, payload, perFrame) {
    if (this.#nextStream?.name === `${id}/${payload}/${perFrame}`) return this.#nextStream.block;
    const kind = { channel: this.#channel, encoding, payload, perFrame };
    return encodeBlock(kind, (args) => ({ type: 2, invocationId: String(id), item: args[0] }));
  }

  /**
   * @param {import("./encoding.mjs").Encoding} encoding
   * @param {string} invocationId
   * @param {string} payload
   * @param {number} count
   * @param {number} perFrame
   */
  #stream(encoding, invocationId, payload, count, perFrame) {
    const id = Number(invocationId);
    const { output } = this.#channel;
    const block = this.#streamBlock(encoding, id, payload, perFrame);
    const end = this.#channel.frame(encoding.encode({ type: 3, invocationId }), encoding.frameHead);
    pour(output, block, times(payload, count), end, () => {
      const next = this.#streamBlock(encoding, id + 1, payload, perFrame);
      this.#nextStream = { name: `${id + 1}/${payload}/${perFrame}`, block: next };
    });
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

/** @param {{ arguments: [number, Uint8Array] }} message */
function binaryIndex({ arguments: [index, bytes] }) {
  const expected = /** @type {Uint8Array} */ (payloads.binary.args(index)[1]);
  return Buffer.compare(bytes, expected) === 0 ? index : -1;
}
