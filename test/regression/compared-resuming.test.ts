/** Stateful reconnect, by hubwire's client and by the official one: what that one gets wrong. */
import type { HubConnection } from "../../src/index.js";
import { compare, fateOf } from "../support/both-clients.js";
import { pass, settle, type ScriptedHub, type ScriptedSocket } from "../support/scripted-hub.js";

const call = (number: number) => ({ type: 1, target: "Told", arguments: [number] });
const resuming = (hub: ScriptedHub): void => {
  hub.negotiate = (n) => hub.negotiated(n, { useStatefulReconnect: true });
};

/** A started connection that can be resumed, with automatic reconnect. */
function connect(hub: ScriptedHub, bufferSize = 100_000): Promise<HubConnection> {
  resuming(hub);
  return hub.connect(hub.builder().withAutomaticReconnect([0, 0]).withStatefulReconnect({ bufferSize }));
}

/** From now on the hub does not know the connection; it takes new ones, without stateful reconnect. */
function forget(hub: ScriptedHub): void {
  hub.negotiate = (n) => hub.negotiated(n);
  hub.upgrade = (socket) => {
    hub.upgrade = (next) => next.open();
    socket.drop();
  };
}

const targets = (sockets: readonly ScriptedSocket[]) =>
  sockets.flatMap(({ calls }) => calls.flatMap((message) => message["target"] ?? []));

compare(
  "messages in the handshake's frame are counted (GAPS 2)",
  async (hub) => {
    hub.handshake = (socket) => socket.receive({}, call(1), call(2));
    await connect(hub);
    hub.socket.receive(call(3));
    await pass(1_500);
    return hub.socket.calls;
  },
  { hubwire: [{ type: 8, sequenceId: 3 }], official: [{ type: 8, sequenceId: 1 }] },
);

compare(
  "a Close message opens no other socket (GAPS 3)",
  async (hub) => {
    const connection = await connect(hub);
    hub.socket.receive({ type: 7 });
    await pass(10);
    return [hub.sockets.length, connection.state];
  },
  { hubwire: [1, "Disconnected"], official: [2, "Disconnected"] },
);

compare(
  "after a reconnect without stateful reconnect messages go both ways (GAPS 4)",
  async (hub) => {
    const connection = await connect(hub);
    const told: unknown[] = [];
    connection.on("Told", (number) => void told.push(number));
    forget(hub);
    hub.socket.drop();
    await pass(20_000);
    void connection.send("Again");
    hub.socket.receive(call(1));
    await settle();
    return [connection.state, told, targets([hub.socket])];
  },
  { hubwire: ["Connected", [1], ["Again"]], official: ["Connected", [], []] },
);

compare(
  "a Close in front of the peer's Sequence is heard (GAPS 5)",
  async (hub) => {
    const connection = await connect(hub);
    hub.socket.drop();
    await pass(1);
    hub.socket.receive({ type: 7, error: "enough" });
    await settle();
    return connection.state;
  },
  { hubwire: "Disconnected", official: "Connected" },
);

compare(
  "what is sent while an Ack arrives during a resume goes out (GAPS 6)",
  async (hub) => {
    const connection = await connect(hub);
    for (const name of ["First", "Second", "Third"]) await connection.send(name);
    hub.upgrade = (socket) => {
      socket.open();
      socket.receive({ type: 9, sequenceId: 1 });
    };
    hub.hear = ({ target }, socket) => {
      if (target !== "First" || hub.sockets.length === 1) return;
      socket.receive({ type: 8, sequenceId: 1 });
      fateOf(connection.send("Fourth"));
    };
    hub.socket.drop();
    await pass(1_000);
    return targets([hub.socket]);
  },
  { hubwire: ["First", "Second", "Third", "Fourth"], official: ["First", "Second", "Third"] },
);

compare(
  "resuming is tried more than once (GAPS 7)",
  async (hub) => {
    const connection = await connect(hub);
    let refusals = 1;
    hub.upgrade = (socket) => (refusals-- > 0 ? socket.drop() : socket.open());
    hub.socket.drop();
    await pass(5_000);
    return [connection.state, hub.negotiations, hub.told.map(([name]) => name)];
  },
  { hubwire: ["Connected", 1, []], official: ["Connected", 2, ["onreconnecting", "onreconnected"]] },
);

compare(
  "a clean close is the server's wish, and not resumed (GAPS 8)",
  async (hub) => {
    await connect(hub);
    hub.socket.drop(1000);
    await pass(1);
    return hub.negotiations;
  },
  { hubwire: 2, official: 1 },
);

compare(
  "calls while Reconnecting behind a failed resume reject (GAPS 46e)",
  async (hub) => {
    const connection = await connect(hub);
    hub.negotiate = () => new Promise(() => undefined);
    hub.upgrade = (socket) => socket.drop();
    hub.socket.drop();
    await pass(16_000);
    const { state } = connection;
    const [sent, asked] = [fateOf(connection.send("M")), fateOf(connection.invoke("M"))];
    await pass(1_000);
    return [state, sent.state, asked.state];
  },
  { hubwire: ["Reconnecting", "rejected", "rejected"], official: ["Reconnecting", "fulfilled", "pending"] },
);

compare(
  "sends that wait for room in the buffer settle when the connection is lost (GAPS 46f)",
  async (hub) => {
    const connection = await connect(hub, 100);
    const sent = fateOf(connection.send("Large", "x".repeat(1_000)));
    await settle();
    hub.upgrade = (socket) => socket.drop();
    hub.negotiate = () => new Promise(() => undefined);
    hub.socket.drop();
    await pass(20_000);
    return [connection.state, sent.state];
  },
  { hubwire: ["Reconnecting", "rejected"], official: ["Reconnecting", "pending"] },
);

compare(
  "a resume whose upgrade is never answered does not last for ever, and stop() does not wait for it (GAPS 46g)",
  async (hub) => {
    const connection = await connect(hub);
    hub.upgrade = () => undefined;
    hub.socket.drop();
    await pass(200_000);
    const { state } = connection;
    const stop = fateOf(connection.stop());
    await pass(10_000);
    return [state === "Connected", stop.state];
  },
  { hubwire: [false, "fulfilled"], official: [true, "pending"] },
);
