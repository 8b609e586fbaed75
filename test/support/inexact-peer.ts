/**
 * A peer with stateful reconnect that counts as .NET 10 does: it leaves out the items of streams that have ended on its side
 * (HUB_PROTOCOL §9, "Counting"). For tests of what a session makes of such counts; the real ones are in `test/interop`.
 */
import { Log } from "../../src/logging/logger.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { isTracked, MessageType, type HubMessage } from "../../src/protocol/messages.js";
import type { MemoryConnection } from "./connection-pair.js";

const protocol = new JsonHubProtocol();
const log = new Log({ log: () => undefined });

/** Its end of any number of connections, one after the other. */
export class InexactPeer {
  /** The first arguments of the calls that it took, in order. */
  readonly calls: unknown[] = [];
  /** What it could not go on behind. */
  fault: string | undefined;
  #connection: MemoryConnection | undefined;
  #next = 1;
  #newest = 0;
  #acked = 0;
  #total = 0;
  #unacknowledged: HubMessage[] = [];
  /** Calls whose streams it reads, by the id of the call or, where it has none, of its first stream. */
  readonly #open = new Map<string, readonly string[]>();
  #lastId = 0;

  /** Goes on over this connection. */
  connect(connection: MemoryConnection, isResumed: boolean): void {
    const decoder = protocol.createDecoder({ maximumMessageSize: Infinity, log });
    this.#connection = connection;
    const isCurrent = () => this.#connection === connection;
    connection.listener = {
      onData: (chunk) => decoder.decode(chunk, (message) => isCurrent() && this.#take(message)),
      onClosed: () => isCurrent() && (this.#connection = undefined),
    };
    if (!isResumed) return;
    this.#write({ type: MessageType.Sequence, sequenceId: this.#total - this.#unacknowledged.length + 1 });
    for (const message of this.#unacknowledged) this.#write(message);
  }

  /** Says something. */
  send(message: HubMessage): void {
    if (isTracked(message.type)) {
      this.#total++;
      this.#unacknowledged.push(message);
    }
    this.#write(message);
  }

  /** Asks for a stream. */
  askForStream(): void {
    const invocationId = `n${++this.#lastId}`;
    this.#open.set(invocationId, [invocationId]);
    this.send({ type: MessageType.StreamInvocation, invocationId, target: "Stream", arguments: [] });
  }

  /** Wants nothing more of a stream that it asked for, or of a call that uploads; whoever called it without an id is not told. */
  endOne(index: number): void {
    const id = [...this.#open.keys()].at(-index % 2);
    if (id === undefined) return;
    const isOwn = id.startsWith("n");
    const isCall = !isOwn && this.#open.get(id)?.[0] !== id;
    this.#open.delete(id);
    if (isOwn) this.send({ type: MessageType.CancelInvocation, invocationId: id });
    else if (isCall) this.send({ type: MessageType.Completion, invocationId: id, result: null });
  }

  /** Acknowledges, if there is anything new. */
  acknowledge(): void {
    if (this.#connection === undefined || this.#newest === this.#acked) return;
    this.#acked = this.#newest;
    this.#write({ type: MessageType.Ack, sequenceId: this.#newest });
  }

  #write(message: HubMessage): void {
    void this.#connection?.send(protocol.encode(message));
  }

  #take(message: HubMessage): void {
    if (message.type === MessageType.Ack) {
      const left = this.#total - message.sequenceId;
      this.#unacknowledged = left > 0 ? this.#unacknowledged.slice(-left) : [];
    } else if (message.type === MessageType.Sequence) {
      if (message.sequenceId > this.#next) this.fault = `${message.sequenceId} is ahead of ${this.#next}`;
      this.#next = message.sequenceId;
    } else if (isTracked(message.type) && !this.#isTooLate(message)) {
      const id = this.#next++;
      if (id <= this.#newest) return;
      this.#newest = id;
      this.#handle(message);
    }
  }

  #isTooLate(message: HubMessage): boolean {
    return message.type === MessageType.StreamItem && ![...this.#open.values()].flat().includes(message.invocationId);
  }

  #handle(message: HubMessage): void {
    if (message.type === MessageType.Completion) this.#open.delete(message.invocationId);
    if (message.type !== MessageType.Invocation) return;
    const { invocationId, streamIds = [], target } = message;
    if (target === "hubwire-probe" && invocationId !== undefined) {
      return this.send({ type: MessageType.Completion, invocationId, error: "no such method" });
    }
    this.calls.push(message.arguments[0]);
    const [first] = streamIds;
    if (first !== undefined) this.#open.set(invocationId ?? first, streamIds);
  }
}
