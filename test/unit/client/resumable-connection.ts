/** A started connection with stateful reconnect to a hub in memory; for tests of how it is resumed. */
import type { HubConnection } from "../../../src/client/hub-connection.js";
import type { HttpConnectionOptions } from "../../../src/client/options.js";
import type { StatefulReconnectOptions } from "../../../src/client/stateful-reconnect.js";
import type { StateChange } from "../../../src/client/states.js";
import type { CustomHubProtocol } from "../../../src/protocol/hub-protocol.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { MemoryHub, type HubSocket } from "./memory-hub.js";

/** The peer says which of its messages comes next. */
export const sequence = (sequenceId: number): HubMessage => ({ type: MessageType.Sequence, sequenceId });
/** The hub answers a call. */
export const result = (invocationId: string, value: unknown): HubMessage => {
  return { type: MessageType.Completion, invocationId, result: value };
};

/** What is to be made. */
export interface ResumableSetting {
  /** What the hub's answer says. Default: it grants what was asked for, and counts every message. */
  readonly grant?: Readonly<Record<string, unknown>>;
  readonly stateful?: StatefulReconnectOptions;
  readonly http?: HttpConnectionOptions;
  /** Default: JSON. */
  readonly protocol?: CustomHubProtocol;
}

/** What {@link resumableConnection} makes. */
export interface ResumableConnection {
  readonly hub: MemoryHub;
  readonly connection: HubConnection;
  /** Every call of onclose, onreconnecting and onreconnected. */
  readonly told: [kind: string, ...args: unknown[]][];
  /** What onStateChange told since the connection was started. */
  readonly changes: StateChange[];
  /** The answer of the call in flight. */
  readonly asked: Promise<unknown>;
}

/** A connected client with automatic reconnect and one call, "Ask", in flight. */
export async function resumableConnection(setting: ResumableSetting = {}): Promise<ResumableConnection> {
  const { grant, stateful, http, protocol } = setting;
  const hub = new MemoryHub();
  const plain = hub.negotiate;
  const granted = grant ?? { useStatefulReconnect: true, countsEveryMessage: true };
  hub.negotiate = (n) => ({ ...(plain(n) as object), ...granted });
  const builder = hub.builder({ connectTimeout: 60_000, ...http }).withAutomaticReconnect([0]);
  if (protocol) builder.withHubProtocol(protocol);
  const connection = builder.withStatefulReconnect(stateful).build();
  const told: ResumableConnection["told"] = [];
  const changes: StateChange[] = [];
  connection.onclose((error) => told.push(["closed", error]));
  connection.onreconnecting((error) => told.push(["reconnecting", error]));
  connection.onreconnected((...args) => told.push(["reconnected", ...args]));
  await connection.start();
  connection.onStateChange((change) => changes.push(change));
  const asked = connection.invoke("Ask");
  asked.catch(() => undefined);
  await hub.clock.settle();
  return { hub, connection, told, changes, asked };
}

/** Lets the hub answer a new socket as one does that lost nothing but what it was asked last. */
export function answer(socket: HubSocket): void {
  socket.receive(sequence(1), result("0", "yes"));
}
