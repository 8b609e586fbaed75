/** What the official client gets wrong about stateful reconnect. The numbers are those of the project's list of gaps, section A. */
import { HttpError, HubConnectionState } from "../../src/index.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { MemoryHub } from "../unit/client/memory-hub.js";
import { expectNothingLeft } from "../unit/client/observed-connection.js";
import { answer, result, resumableConnection, sequence } from "../unit/client/resumable-connection.js";

const { Connected, Disconnected, Reconnecting } = HubConnectionState;
const call = (number: number): HubMessage => ({ type: MessageType.Invocation, target: "Told", arguments: [number] });

test("messages in the handshake's frame are counted, so a resume repeats neither them nor nothing (GAPS 2)", async () => {
  const hub = new MemoryHub();
  const plain = hub.negotiate;
  hub.negotiate = (n) => ({ ...(plain(n) as object), useStatefulReconnect: true });
  hub.handshake = (socket) => {
    socket.receiveText('{}\u001e{"type":1,"target":"Told","arguments":[1]}\u001e');
    socket.receive(call(2));
  };
  const connection = hub.builder().withStatefulReconnect().build();
  const told: number[] = [];
  connection.on("Told", (number: number) => told.push(number));
  await connection.start();
  await hub.clock.advanceAsync(1_000);
  expect(hub.socket.calls).toEqual([{ type: MessageType.Ack, sequenceId: 2 }]);
  hub.socket.drop();
  await hub.clock.settle();
  hub.socket.receive(sequence(3), call(3));
  await hub.clock.settle();
  expect([told, connection.state]).toEqual([[1, 2, 3], Connected]);
});

test("a Close message opens no other socket (GAPS 3)", async () => {
  const set = await resumableConnection();
  set.hub.socket.receive({ type: MessageType.Close });
  await set.hub.clock.advanceAsync(60_000);
  expect(set.connection.state).toBe(Disconnected);
  expect(set.hub.sockets).toHaveLength(1);
  expectNothingLeft(set);
});

test("after the server's silence the new socket is used, and closed by stop() (GAPS 3)", async () => {
  const set = await resumableConnection();
  await set.hub.clock.advanceAsync(31_000);
  answer(set.hub.socket);
  await expect(set.asked).resolves.toBe("yes");
  await set.connection.stop();
  expect(set.hub.sockets).toHaveLength(2);
  expectNothingLeft(set);
});

/** From now on the server does not know the connection; it takes new ones, without stateful reconnect. */
function forget(hub: MemoryHub): void {
  hub.negotiate = new MemoryHub().negotiate;
  hub.upgrade = (socket) => {
    hub.upgrade = (next) => next.open();
    socket.drop(1006, new HttpError("gone", 404));
  };
}

test("after an ordinary reconnect without stateful reconnect, messages go both ways (GAPS 4, 46e)", async () => {
  const { hub, connection } = await resumableConnection();
  const told = jest.fn();
  connection.on("Told", told);
  forget(hub);
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  expect(connection.state).toBe(Connected);
  const asked = connection.invoke("Again");
  await hub.clock.settle();
  hub.socket.receive(call(1), result("0", "new"));
  await expect(asked).resolves.toBe("new");
  expect(told).toHaveBeenCalledWith(1);
  await connection.stop();
});

test("a Close in front of the peer's Sequence is heard (GAPS 5)", async () => {
  const { hub, connection } = await resumableConnection();
  hub.socket.drop();
  await hub.clock.settle();
  hub.socket.receive({ type: MessageType.Close, error: "enough" });
  expect(connection.state).toBe(Disconnected);
});

test("what is sent while an Ack arrives during a resume goes out at once (GAPS 6)", async () => {
  const { hub, connection } = await resumableConnection();
  await connection.send("First");
  hub.socket.drop();
  await hub.clock.settle();
  void connection.send("Second");
  hub.socket.receive(sequence(1), { type: MessageType.Ack, sequenceId: 1 });
  void connection.send("Third");
  await hub.clock.settle();
  const targets = hub.socket.calls.flatMap((message) => ("target" in message ? [message.target] : []));
  // "Ask" has arrived, says the Ack.
  expect(targets).toEqual(["First", "Second", "Third"]);
  await connection.stop();
});

test("resuming is tried more than once (GAPS 7)", async () => {
  const { hub, connection, asked } = await resumableConnection();
  let refusals = 3;
  hub.upgrade = (socket) => (refusals-- > 0 ? socket.drop() : socket.open());
  hub.socket.drop();
  await hub.clock.advanceAsync(2_000);
  answer(hub.socket);
  await expect(asked).resolves.toBe("yes");
  await connection.stop();
});

test("a clean close is the server's wish, and not resumed (GAPS 8)", async () => {
  const { hub, connection } = await resumableConnection();
  hub.socket.drop(1000);
  expect(connection.state).toBe(Reconnecting);
  await connection.stop();
  expect(hub.sockets).toHaveLength(1);
});

test("calls that were pending when a resume failed reject, and calls while reconnecting do so at once (GAPS 46e)", async () => {
  const { hub, connection, asked } = await resumableConnection({ stateful: { resumeTimeout: 100 } });
  hub.upgrade = (socket) => socket.drop();
  hub.socket.drop();
  await hub.clock.settle();
  expect(connection.state).toBe(Reconnecting);
  await expect(asked).rejects.toMatchObject({ code: "connection-lost" });
  await expect(connection.send("M")).rejects.toMatchObject({ code: "invalid-state" });
  await expect(connection.invoke("M")).rejects.toMatchObject({ code: "invalid-state" });
  await connection.stop();
});

test.each(["loss", "stop()"])("sends that wait for room in the buffer settle at a %s (GAPS 46f)", async (how) => {
  const { hub, connection } = await resumableConnection({ stateful: { bufferSize: 100, resumeTimeout: 100 } });
  const sent = connection.send("Large", "x".repeat(1_000));
  const settled = expect(sent).rejects.toMatchObject({ code: "connection-lost" });
  hub.upgrade = (socket) => socket.drop();
  if (how === "loss") hub.socket.drop();
  else await connection.stop();
  await settled;
  await connection.stop();
});

test("a resume whose upgrade is never answered does not last for ever, and stop() does not wait for it (GAPS 46g)", async () => {
  const first = await resumableConnection();
  first.hub.upgrade = () => undefined;
  first.hub.socket.drop();
  await first.hub.clock.advanceAsync(15_000);
  expect(first.connection.state).toBe(Reconnecting);
  await expect(first.asked).rejects.toMatchObject({ code: "connection-lost" });
  await first.connection.stop();

  const second = await resumableConnection();
  second.hub.upgrade = () => undefined;
  second.hub.socket.drop();
  await second.hub.clock.settle();
  await second.connection.stop();
  expectNothingLeft(second);
});

// The documented difference stays: only an ordinary reconnect is told, and has another id
test("a resume calls no callback of the official client and keeps the id", async () => {
  const { hub, connection, told } = await resumableConnection();
  const { connectionId } = connection;
  hub.socket.drop();
  await hub.clock.settle();
  answer(hub.socket);
  await hub.clock.settle();
  expect([told, connection.connectionId]).toEqual([[], connectionId]);
  forget(hub);
  hub.socket.drop();
  await hub.clock.advanceAsync(0);
  expect(told).toEqual([
    ["reconnecting", expect.anything()],
    ["reconnected", "id-2", { recovered: false }],
  ]);
  await connection.stop();
});
