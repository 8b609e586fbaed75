/** The state machine by itself: which ways there are, and who hears of them. */
import { AbortScope } from "../../../src/common/abort-scope.js";
import type { ClientSession } from "../../../src/client/client-session.js";
import {
  type ConnectionState,
  HubConnectionState,
  type StateChange,
  StateMachine,
} from "../../../src/client/states.js";
import { FakeClock } from "../../support/fake-clock.js";

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;
const scope = new AbortScope(new FakeClock());
const over = Promise.resolve();
const variants: Record<HubConnectionState, ConnectionState> = {
  Disconnected: { name: Disconnected },
  Connecting: { name: Connecting, scope, over },
  Connected: { name: Connected, session: {} as ClientSession },
  Disconnecting: { name: Disconnecting, over, wasOpen: true },
  Reconnecting: { name: Reconnecting, scope, over },
};

class TestMachine extends StateMachine {
  readonly thrown: unknown[] = [];

  override enter(next: ConnectionState, reason?: Error): void {
    super.enter(next, reason);
  }

  protected override onListenerError(thrown: unknown): void {
    this.thrown.push(thrown);
  }
}

/** A machine that was led to a state by allowed ways. */
function machineIn(name: HubConnectionState) {
  const ways: Record<HubConnectionState, HubConnectionState[]> = {
    Disconnected: [],
    Connecting: [Connecting],
    Connected: [Connecting, Connected],
    Disconnecting: [Connecting, Connected, Disconnecting],
    Reconnecting: [Connecting, Connected, Reconnecting],
  };
  const machine = new TestMachine(undefined);
  for (const step of ways[name]) machine.enter(variants[step]);
  return machine;
}

const names = Object.values(HubConnectionState);
const allowed = new Set([
  "Disconnected>Connecting",
  "Connecting>Connected",
  "Connecting>Disconnecting",
  "Connecting>Disconnected",
  "Connected>Reconnecting",
  "Connected>Disconnecting",
  "Connected>Disconnected",
  "Reconnecting>Connected",
  "Reconnecting>Disconnecting",
  "Reconnecting>Disconnected",
  "Disconnecting>Disconnected",
]);

test("the names are the official ones", () => {
  expect(HubConnectionState).toEqual({
    Disconnected: "Disconnected",
    Connecting: "Connecting",
    Connected: "Connected",
    Disconnecting: "Disconnecting",
    Reconnecting: "Reconnecting",
  });
});

test.each(names.flatMap((from) => names.map((to) => [from, to] as const)))("from %s to %s", (from, to) => {
  const machine = machineIn(from);
  const heard: StateChange[] = [];
  machine.add("changed", (change) => heard.push(change));
  const reason = new Error("why");
  if (allowed.has(`${from}>${to}`)) {
    machine.enter(variants[to], reason);
    expect(machine.current).toBe(variants[to]);
    expect(heard).toEqual([{ previous: from, current: to, reason }]);
  } else {
    expect(() => machine.enter(variants[to], reason)).toThrow(`No way from ${from} to ${to}.`);
    expect(machine.current.name).toBe(from);
    expect(heard).toEqual([]);
  }
});

test("a listener sees the state that it is told, and one that throws disturbs nobody", () => {
  const machine = new TestMachine(undefined);
  machine.add("changed", () => {
    throw new Error("listener");
  });
  const seen: HubConnectionState[] = [];
  machine.add("changed", () => seen.push(machine.current.name));
  machine.enter(variants.Connecting);
  expect(seen).toEqual([Connecting]);
  expect(machine.thrown).toEqual([new Error("listener")]);
});

test("listeners hear of every change in its order, even when one of them makes the next", () => {
  const machine = new TestMachine(undefined);
  machine.add("changed", ({ current }) => {
    if (current === Connecting) machine.enter(variants.Connected);
    if (current === Connected) machine.enter(variants.Disconnected);
  });
  const heard: HubConnectionState[] = [];
  machine.add("changed", ({ current }) => heard.push(current));
  machine.enter(variants.Connecting);
  expect(heard).toEqual([Connecting, Connected, Disconnected]);
  machine.enter(variants.Connecting);
  expect(heard).toHaveLength(6);
});

test("a connection that was resumed is told of as a change that is none", () => {
  const machine = machineIn(Connected);
  const heard: StateChange[] = [];
  machine.add("changed", (change) => heard.push(change));
  const reason = new Error("why");
  machine.onResumed(reason);
  expect(heard).toEqual([{ previous: Connected, current: Connected, reason, recovered: true }]);
  expect(machine.current).toBe(variants.Connected);
});
