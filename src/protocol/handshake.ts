/** The two messages that open every hub connection; JSON text whatever encoding follows (HUB_PROTOCOL §3). */
import { HandshakeError } from "../errors/connection-errors.js";
import { messageOf } from "../errors/to-error.js";
import { LimitError } from "../errors/call-errors.js";
import { strictUtf8, toBytes } from "./bytes.js";
import type { Chunk } from "./hub-protocol.js";
import { RECORD_SEPARATOR } from "./text-framing.js";

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

/** A chunk cut behind the first record in it. */
interface Cut {
  readonly text: string;
  readonly complete: boolean;
  readonly rest: Chunk | undefined;
}

/** Collects the peer's first record, however it was chunked, and keeps what followed it in the same chunk. */
export class HandshakeReader {
  readonly #maximumSize: number;
  #utf8: TextDecoder | undefined; // text frames, the usual case, need none
  #text = "";

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
    const cut = typeof chunk === "string" ? cutText(chunk) : this.#cutBytes(toBytes(chunk));
    this.#text += cut.text;
    if (this.#text.length > this.#maximumSize) {
      throw new LimitError("maximumReceiveMessageSize", "The handshake message is too large.");
    }
    return cut.complete ? { record: this.#text, rest: cut.rest } : undefined;
  }

  // With a binary encoding the answer comes in a binary frame, and what follows it is not text (HUB_PROTOCOL §3).
  #cutBytes(bytes: Uint8Array): Cut {
    const end = bytes.indexOf(SEPARATOR_BYTE);
    if (end < 0) return { text: this.#decode(bytes, true), complete: false, rest: undefined };
    const rest = end + 1 < bytes.length ? bytes.subarray(end + 1) : undefined;
    return { text: this.#decode(bytes.subarray(0, end), false), complete: true, rest };
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      this.#utf8 ??= strictUtf8();
      return this.#utf8.decode(bytes, { stream });
    } catch (thrown) {
      throw new HandshakeError("The handshake message is not UTF-8.", thrown);
    }
  }
}

function cutText(chunk: string): Cut {
  const end = chunk.indexOf(RECORD_SEPARATOR);
  if (end < 0) return { text: chunk, complete: false, rest: undefined };
  return { text: chunk.slice(0, end), complete: true, rest: chunk.slice(end + 1) || undefined };
}

/** Encodes the client's opening message. */
export function writeHandshakeRequest(request: HandshakeRequest): string {
  return JSON.stringify({ protocol: request.protocol, version: request.version }) + RECORD_SEPARATOR;
}

/** Encodes the server's answer. */
export function writeHandshakeResponse(response: HandshakeResponse): string {
  return JSON.stringify(response) + RECORD_SEPARATOR;
}

/** @throws HandshakeError when the record is no handshake request. */
export function parseHandshakeRequest(record: string): HandshakeRequest {
  const request = parseObject(record);
  const { protocol, version } = request;
  if (typeof protocol !== "string") throw new HandshakeError("Missing required property 'protocol'.");
  if (typeof version !== "number" || !Number.isInteger(version)) {
    throw new HandshakeError("Missing required property 'version'.");
  }
  return { protocol, version };
}

/** @throws HandshakeError when the record is no handshake response. */
export function parseHandshakeResponse(record: string): HandshakeResponse {
  const response = parseObject(record);
  if (response.type) throw new HandshakeError("Expected a handshake response, but received a hub message.");
  const { error } = response;
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
  let value: unknown;
  try {
    value = JSON.parse(record);
  } catch (thrown) {
    throw new HandshakeError(`The handshake message is not JSON: ${messageOf(thrown)}`, thrown);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HandshakeError("The handshake message is not an object.");
  }
  return value;
}
