/** Lets an encoding that only has the official shape, a user's own or the official MessagePack package, be used like ours. */
import { hasMethods } from "../common/has-methods.js";
import { InvalidArgumentError, ProtocolError } from "../errors/call-errors.js";
import { NullLogger } from "../logging/logger.js";
import { messageOf } from "../errors/to-error.js";
import { toBytes } from "./bytes.js";
import type { Chunk, CustomHubProtocol, HubProtocol } from "./hub-protocol.js";
import { TransferFormat, type HubMessage } from "./messages.js";

/**
 * @returns the protocol itself when it is one of ours, else a wrapper around it.
 * @throws InvalidArgumentError when it is neither.
 */
export function toHubProtocol(protocol: CustomHubProtocol | HubProtocol): HubProtocol {
  const { name, transferFormat } = Object(protocol) as Partial<HubProtocol>;
  if (name && typeof name === "string" && String(transferFormat) in TransferFormat) {
    if (isOurs(protocol)) return protocol;
    if (hasMethods(protocol, "parseMessages", "writeMessage")) return wrap(protocol);
  }
  throw new InvalidArgumentError("A hub protocol needs name, transferFormat, parseMessages and writeMessage.");
}

/** What extends one of ours may have the official methods replaced, which then count. */
function isOurs(protocol: CustomHubProtocol | HubProtocol): protocol is HubProtocol {
  for (let level: unknown = protocol; level; level = Object.getPrototypeOf(level)) {
    const names = Object.getOwnPropertyNames(level);
    if (names.includes("createDecoder")) return true;
    if (names.includes("parseMessages") || names.includes("writeMessage")) return false;
  }
  return false;
}

function wrap(protocol: CustomHubProtocol): HubProtocol {
  const { name, version, transferFormat } = protocol;
  return {
    name,
    version,
    transferFormat,
    encode: (message) => {
      try {
        const data = protocol.writeMessage(message);
        if (typeof data === "string") return data;
        if ((Object(data) as Partial<ArrayBuffer>).byteLength === undefined)
          throw new TypeError("no message was written.");
        return toBytes(data);
      } catch (thrown) {
        throw new InvalidArgumentError(`Cannot be encoded: ${messageOf(thrown)}`, "not-serializable", thrown);
      }
    },
    // The official contract: every chunk holds whole messages, and bytes come as an ArrayBuffer of their own.
    createDecoder: () => ({
      decode: (chunk, deliver) => {
        for (const message of parse(protocol, chunk)) deliver(message);
      },
    }),
  };
}

function parse(protocol: CustomHubProtocol, chunk: Chunk): HubMessage[] {
  try {
    const messages = protocol.parseMessages(toInput(protocol.transferFormat, chunk), NullLogger.instance);
    if (!hasMethods(messages, "every") || !messages.every(Boolean)) throw new TypeError("no messages were read.");
    return messages;
  } catch (thrown) {
    throw new ProtocolError(`The hub protocol failed: ${messageOf(thrown)}`, thrown);
  }
}

function toInput(format: TransferFormat, chunk: Chunk): string | ArrayBuffer {
  if (typeof chunk === "string") return chunk;
  if (format === TransferFormat.Text) return new TextDecoder().decode(chunk);
  return new Uint8Array(toBytes(chunk)).buffer; // not slice(), which for a Buffer is a view of the same memory
}
