/** The state machine by itself: which ways there are, and who hears of them. */
import { AbortScope } from "../../../src/common/abort-scope.js";
import type { ClientSession } from "../../../src/client/client-session.js";
import {
  type ConnectionState,
  HubConnectionState,
  type StateChange,
  type StateEvents,
  StateMachine,
} from "../../../src/client/states.js";
import { Emitter } from "../../../src/common/emitter.js";
import { FakeClock } from "../../support/fake-clock.js";

const { Disconnected, Connecting, Connected, Disconnecting, Reconnecting } = HubConnectionState;
const scope = new AbortScope(new FakeClock());
const over = Promise.resolve();
const variants: Record<HubConnectionState, ConnectionState> = {
  Disconnected: { name: Disconnected },
  Connecting: { name: Connecting, scope, over },
  Connected: { name: Connected, session: {} as ClientSession },
  Disconnecting: { name: Disconnecting, over },
  Reconnecting: { name: Reconnecting, scope, over },
};

function setUp() {
  const thrown: unknown[] = [];
  const events = new Emitter<StateEvents>({ onListenerError: (error) => thrown.push(error) });
  return { events, machine: new StateMachine(events), thrown };
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
  const { events, machine } = setUp();
  for (const step of ways[name]) machine.enter(variants[step]);
  return { events, machine };
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
  const { events, machine } = machineIn(from);
  const heard: StateChange[] = [];
  events.add("changed", (change) => heard.push(change));
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
  const { events, machine, thrown } = setUp();
  events.add("changed", () => {
    throw new Error("listener");
  });
  const seen: HubConnectionState[] = [];
  events.add("changed", () => seen.push(machine.current.name));
  machine.enter(variants.Connecting);
  expect(seen).toEqual([Connecting]);
  expect(thrown).toEqual([new Error("listener")]);
});

test("listeners hear of every change in its order, even when one of them makes the next", () => {
  const { events, machine } = setUp();
  events.add("changed", ({ current }) => {
    if (current === Connecting) machine.enter(variants.Connected);
    if (current === Connected) machine.enter(variants.Disconnected);
  });
  const heard: HubConnectionState[] = [];
  events.add("changed", ({ current }) => heard.push(current));
  machine.enter(variants.Connecting);
  expect(heard).toEqual([Connecting, Connected, Disconnected]);
  machine.enter(variants.Connecting);
  expect(heard).toHaveLength(6);
});

test("a connection that was resumed is told of as a change that is none", () => {
  const { events, machine } = machineIn(Connected);
  const heard: StateChange[] = [];
  events.add("changed", (change) => heard.push(change));
  const reason = new Error("why");
  machine.recover(reason);
  expect(heard).toEqual([{ previous: Connected, current: Connected, reason, recovered: true }]);
  expect(machine.current).toBe(variants.Connected);
});
