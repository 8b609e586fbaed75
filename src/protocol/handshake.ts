/** The two messages that open every hub connection; JSON text whatever encoding follows (HUB_PROTOCOL §3). */
import { HandshakeError } from "../errors/connection-errors.js";
import { messageOf } from "../errors/to-error.js";
import { strictUtf8, toBytes } from "./bytes.js";
import type { Chunk } from "./hub-protocol.js";
import { RECORD_SEPARATOR, tooLarge } from "./text-framing.js";

/** What the client asks for. */
export interface HandshakeRequest {
  /** Name of the encoding. */
  readonly protocol: string;
  /** Its version: 2 with stateful reconnect, else 1. */
  readonly version: number;
}

/** What the server answers: nothing means yes. */
export interface HandshakeResponse {
  /** Why not. */
  readonly error?: string;
}

const SEPARATOR_BYTE = 0x1e;

/** Collects the peer's first record, however it was chunked, and keeps what followed it in the same chunk. */
export class HandshakeReader {
  readonly #maximumSize: number;
  #utf8: TextDecoder | undefined; // text frames, the usual case, need none
  #record = "";

  /** @param maximumSize Largest record accepted, in UTF-16 units. */
  constructor(maximumSize: number) {
    this.#maximumSize = maximumSize;
  }

  /**
   * Takes the next chunk.
   * @returns the record and the rest of the chunk (hub messages already), or `undefined` while the record is incomplete.
   * @throws LimitError when the record is too large.
   * @throws HandshakeError when bytes are not UTF-8.
   */
  read(chunk: Chunk): { readonly record: string; readonly rest: Chunk | undefined } | undefined {
    // With a binary encoding the answer comes in a binary frame, and what follows it is not text (HUB_PROTOCOL §3).
    const part = typeof chunk === "string" ? chunk : toBytes(chunk);
    const end = typeof part === "string" ? part.indexOf(RECORD_SEPARATOR) : part.indexOf(SEPARATOR_BYTE);
    const own = end < 0 ? part : part.slice(0, end);
    this.#record += typeof own === "string" ? own : this.#decode(own, end < 0);
    if (this.#record.length > this.#maximumSize) throw tooLarge(this.#maximumSize);
    if (end < 0) return undefined;
    const rest = part.slice(end + 1);
    return { record: this.#record, rest: rest.length > 0 ? rest : undefined };
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      this.#utf8 ??= strictUtf8();
      return this.#utf8.decode(bytes, { stream });
    } catch (thrown) {
      throw unreadable(thrown);
    }
  }
}

/** Encodes the client's opening message, or the server's answer. */
export function writeHandshake(message: HandshakeRequest | HandshakeResponse): string {
  return JSON.stringify(message) + RECORD_SEPARATOR;
}

/** @throws HandshakeError when the record is no handshake request. */
export function parseHandshakeRequest(record: string): HandshakeRequest {
  const { protocol, version } = parseObject(record);
  if (typeof protocol !== "string") throw new HandshakeError("Missing required property 'protocol'.");
  if (typeof version !== "number" || !Number.isInteger(version)) {
    throw new HandshakeError("Missing required property 'version'.");
  }
  return { protocol, version };
}

/** @throws HandshakeError when the record is no handshake response. */
export function parseHandshakeResponse(record: string): HandshakeResponse {
  const { type, error } = parseObject(record);
  if (type) throw new HandshakeError("Expected a handshake response, but received a hub message.");
  if (error != null && typeof error !== "string") throw new HandshakeError("The error of the handshake is no text.");
  return error ? { error } : {};
}

interface HandshakeRecord {
  readonly protocol?: unknown;
  readonly version?: unknown;
  readonly type?: unknown;
  readonly error?: unknown;
}

function parseObject(record: string): HandshakeRecord {
  try {
    const value: unknown = JSON.parse(record);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    throw new TypeError("it is not an object.");
  } catch (thrown) {
    throw unreadable(thrown);
  }
}

function unreadable(thrown: unknown): HandshakeError {
  return new HandshakeError(`The handshake message cannot be read: ${messageOf(thrown)}`, thrown);
}
