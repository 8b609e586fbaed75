// What the bench server needs of an encoding, and how it finds out which one a client wants.
import { json } from "./encodings/json.mjs";
import { messagePack } from "./encodings/messagepack.mjs";

/**
 * @typedef {object} Encoding
 * @property {string} name
 * @property {0x81 | 0x82} frameHead of WebSocket frames: text or binary
 * @property {string} callEndMark latin1 text that only the call behind a lot of sends contains
 * @property {string} uploadEndMark the same for the end of an upload
 * @property {(message: object) => string | Buffer} encode a whole message
 * @property {(frame: Buffer, start: number, end: number) => any} decode the content of a message
 * @property {(text: string, position: number) => { start: number, end: number, next: number } | undefined} bounds of the
 *   next message's content in latin1 text, if there is one
 * @property {(record: string) => boolean} isEcho whether the content of a message, as latin1, asks for an echo
 * @property {(record: string) => string} echo the answer to that, a whole message as latin1
 */

/** @param {string} handshake */
export function encodingFor(handshake) {
  return handshake.includes('"messagepack"') ? messagePack : json;
}
