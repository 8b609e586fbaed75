/** One value inside a MessagePack message, written and read with given options; for the tests of what options do to values. */
import { MessagePackHubProtocol, type MessagePackOptions } from "../../src/msgpack.js";
import { MessageType } from "../../src/protocol/messages.js";

/** Both directions with a protocol. */
export function using(options: MessagePackOptions = {}) {
  const protocol = new MessagePackHubProtocol(options);
  const write = (item: unknown) => protocol.encode({ type: MessageType.StreamItem, invocationId: "1", item });
  const read = (frame: Uint8Array) => {
    const [message] = protocol.parseMessages(frame, null);
    if (message?.type !== MessageType.StreamItem) throw new Error("no item came out");
    return message.item;
  };
  return {
    write,
    read,
    roundTrip: (item: unknown) => read(write(item)),
    /** What stands on the wire for a value. */
    wire: (item: unknown) => Buffer.from(write(item)).subarray(6).toString("hex"),
    /** Reads a value from its bytes. */
    readRaw: (value: Uint8Array) => read(frameOf(value)),
  };
}

function frameOf(value: Uint8Array): Uint8Array {
  const body = [0x94, 0x02, 0x80, 0xa1, 0x31];
  const length = body.length + value.length;
  const prefix = length < 128 ? [length] : [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.concat([Uint8Array.from([...prefix, ...body]), value]);
}

/** Bytes from their digits, with blanks wherever they help to read. */
export const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
