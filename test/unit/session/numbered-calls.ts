/** Calls with numbers to tell them by, and time that passes for both ends; used by the tests of sessions that outlive their connections. */
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import type { SessionPair } from "../../support/session-pair.js";

/** A buffer for the messages of a few calls, and a peer that counts everything. */
export const continuity = { bufferSize: 1_000, isExact: true };
/** Times that do not pass in a test. */
export const never = { keepAliveIntervalMs: 1_000_000, timeoutMs: 1_000_000 };

/** A call of nobody's, with a number to tell it by. */
export function call(number: number): HubMessage {
  return { type: MessageType.Invocation, target: "Call", arguments: [number] };
}

/** The numbers of the calls that have arrived. */
export function numbersOf({ far }: SessionPair): unknown[] {
  return far.calls.map((invocation) => invocation.arguments[0]);
}

/** Lets time pass at both ends. */
export function tick({ near, far }: SessionPair, elapsedMs = 1_000): void {
  near.session.tick(elapsedMs, never);
  far.session.tick(elapsedMs, never);
}
