/** Makes the frames of small WebSocket messages from a server (RFC 6455 §5.2: final, unmasked); used where `ws` would cost more than the rest. */
import type { Encoded } from "../protocol/hub-protocol.js";

const TEXT = 0x81;
const BINARY = 0x82;

/** A length in the second byte; two bytes with the length follow. */
const LENGTH_FOLLOWS = 126;

/** Frames of messages that are shorter than 64 KB. Remembers the last text: what is sent to everybody is framed once. */
export class WebSocketFrames {
  #text = "";
  #frame = textFrame("");

  /** @returns the frame; it may be shared and must not be changed. */
  frameOf(data: Encoded): Buffer {
    if (typeof data !== "string") return binaryFrame(data);
    if (data !== this.#text) {
      this.#text = data;
      this.#frame = textFrame(data);
    }
    return this.#frame;
  }
}

function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = frameWith(TEXT, length);
  frame.write(text, frame.length - length);
  return frame;
}

function binaryFrame(bytes: Uint8Array): Buffer {
  const frame = frameWith(BINARY, bytes.length);
  frame.set(bytes, frame.length - bytes.length);
  return frame;
}

/** @returns a frame whose content is still to be written. */
function frameWith(head: number, length: number): Buffer {
  const isShort = length < LENGTH_FOLLOWS;
  const frame = Buffer.allocUnsafe(length + (isShort ? 2 : 4));
  frame[0] = head;
  frame[1] = isShort ? length : LENGTH_FOLLOWS;
  if (!isShort) frame.writeUInt16BE(length, 2);
  return frame;
}
