/** Writes hub messages as MessagePack frames (HUB_PROTOCOL §4). What surrounds the values is written here, so no option or extension can change it. */
import { MessageType, type CompletionMessage, type HubMessage, type MessageHeaders } from "./messages.js";
import { ResultKind } from "./msgpack-result-kind.js";
import type { MessagePackWriter } from "./msgpack-writer.js";

/** @returns the frame, in a buffer of its own. Throws what encoding a value throws. */
export function writeMessagePack(writer: MessagePackWriter, message: HubMessage): Uint8Array<ArrayBuffer> {
  const start = writer.open();
  try {
    write(writer, message);
    return writer.take(start);
  } finally {
    writer.close(start);
  }
}

function write(writer: MessagePackWriter, message: HubMessage): void {
  switch (message.type) {
    case MessageType.Invocation:
    case MessageType.StreamInvocation:
      begin(writer, 6, message);
      writer.optionalString(message.invocationId);
      writer.string(message.target);
      writer.value(message.arguments);
      return writeIds(writer, message.streamIds ?? []);
    case MessageType.StreamItem:
      begin(writer, 4, message);
      writer.string(message.invocationId);
      return writer.value(message.item);
    case MessageType.Completion:
      return writeCompletion(writer, message);
    case MessageType.CancelInvocation:
      begin(writer, 3, message);
      return writer.string(message.invocationId);
    case MessageType.Ping:
      return beginPlain(writer, 1, message);
    case MessageType.Close: {
      const { error, allowReconnect } = message;
      beginPlain(writer, allowReconnect == null ? 2 : 3, message);
      writer.optionalString(error);
      return allowReconnect == null ? undefined : writer.boolean(allowReconnect);
    }
    case MessageType.Ack:
    case MessageType.Sequence:
      beginPlain(writer, 2, message);
      return writer.integer(message.sequenceId);
  }
}

function beginPlain(writer: MessagePackWriter, items: number, message: { readonly type: MessageType }): void {
  writer.arrayLength(items);
  writer.integer(message.type);
}

function begin(
  writer: MessagePackWriter,
  items: number,
  message: { readonly type: MessageType; readonly headers?: MessageHeaders | undefined },
): void {
  beginPlain(writer, items, message);
  if (message.headers == null) return writer.mapLength(0);
  const headers = Object.entries(message.headers);
  writer.mapLength(headers.length);
  for (const [name, value] of headers) {
    writer.string(name);
    writer.string(value);
  }
}

function writeCompletion(writer: MessagePackWriter, message: CompletionMessage): void {
  const { error, result } = message;
  const kind = error != null ? ResultKind.Error : result === undefined ? ResultKind.Void : ResultKind.Value;
  begin(writer, kind === ResultKind.Void ? 4 : 5, message);
  writer.string(message.invocationId);
  writer.integer(kind);
  if (error != null) writer.string(error);
  else if (result !== undefined) writer.value(result);
}

function writeIds(writer: MessagePackWriter, ids: readonly string[]): void {
  writer.arrayLength(ids.length);
  for (const id of ids) writer.string(id);
}
