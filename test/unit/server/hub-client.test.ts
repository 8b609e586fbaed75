/** The life of a client after the handshake (SERVER_API §2, lifecycle; HUB_PROTOCOL §7 and §8). */
import {
  ClientResultError,
  HubError,
  InvalidStateError,
  LimitError,
  ProtocolError,
} from "../../../src/errors/call-errors.js";
import { MessageType } from "../../../src/protocol/messages.js";
import { Hub } from "../../../src/server/hub.js";
import { HubHarness, type TestClient } from "../../support/hub-harness.js";
import { log, gate, disconnectedWith, LifeHub, connected, expectGone, plan } from "./living-hub.js";

describe("onConnected", () => {
  test("comes before the first call, however early that was sent", async () => {
    plan.onConnected = () => gate.promise;
    const harness = new HubHarness(LifeHub);
    const client = harness.accept();
    const early = { type: MessageType.Invocation as const, invocationId: "1", target: "echo" };
    await client.sendText(
      `{"protocol":"json","version":1}\u001e{"type":1,"invocationId":"0","target":"echo","arguments":[0]}\u001e`,
    );
    await client.send({ ...early, arguments: [1] });
    expect(client.handshakeAnswer).toEqual({});
    expect(log).toEqual(["connected"]);
    gate.resolve();
    await client.settle();
    expect(log).toEqual(["connected", "echo 0", "echo 1"]);
    expect(Object.keys(client.answers)).toEqual(["0", "1"]);
  });

  test("comes before bytes, too", async () => {
    plan.onConnected = () => gate.promise;
    const { client } = await connected();
    const bytes = new TextEncoder().encode('{"type":1,"invocationId":"1","target":"echo","arguments":["é"]}\u001e');
    client.connection.receive(bytes.subarray(0, 30));
    client.connection.receive(bytes.slice(30).buffer);
    bytes.fill(0); // what arrives belongs to the connection
    gate.resolve();
    await client.settle();
    expect(client.answers).toEqual({ 1: { type: 3, result: "é" } });
  });

  test("what is sent early is bounded by pausing the client", async () => {
    plan.onConnected = () => gate.promise;
    const { client } = await connected();
    for (let index = 0; index < 4; index++) await client.call(`${index}`, "echo", "x".repeat(20_000));
    expect(client.isPaused).toBe(true);
    gate.resolve();
    await client.settle();
    expect(client.isPaused).toBe(false);
    expect(Object.keys(client.answers)).toHaveLength(4);
  });

  test("can send, but not ask", async () => {
    let thrown: unknown;
    plan.onConnected = async (hub) => {
      await hub.clients.caller.send("Hello", hub.context.connectionId);
      await hub.clients.caller.invoke("Question").catch((error: unknown) => (thrown = error));
    };
    const { client } = await connected();
    expect(client.calls).toEqual([["Hello", "client-1"]]);
    expect(thrown).toBeInstanceOf(InvalidStateError);
  });

  test.each([
    [
      "throws",
      () => {
        throw new HubError("not you");
      },
      " HubException: not you",
    ],
    ["rejects", () => Promise.reject(new Error("secret")), ""],
  ])("that %s refuses the client for good", async (_how, refuse, detail) => {
    plan.onConnected = refuse;
    const { client, harness } = await connected();
    expect(client.received).toEqual([{ type: 7, error: `Connection closed with an error.${detail}` }]);
    expect(client.connection.closed).toBe(true);
    await client.call("1", "echo", 1);
    expect(log).toEqual(["connected"]);
    await expectGone(client, harness);
  });

  test("is let finish when the client leaves meanwhile", async () => {
    let signal: AbortSignal | undefined;
    plan.onConnected = (hub) => {
      signal = hub.signal;
      return gate.promise;
    };
    const { client, harness } = await connected();
    await client.lose(undefined);
    expect(signal?.aborted).toBe(true);
    expect(log).toEqual(["connected"]);
    gate.resolve();
    await client.settle();
    expect(log).toEqual(["connected", "disconnected"]);
    await expectGone(client, harness);
  });

  test("that fails after the client has left calls nothing more", async () => {
    plan.onConnected = () => gate.promise;
    const { client, harness } = await connected();
    await client.lose(undefined);
    gate.reject(new Error("secret"));
    await client.settle();
    expect(log).toEqual(["connected"]);
    await expectGone(client, harness);
  });

  test("may abort", async () => {
    plan.onConnected = (hub) => hub.context.abort();
    const { client, harness } = await connected();
    expect(client.received).toEqual([{ type: 7 }]);
    expect(log).toEqual(["connected", "disconnected"]);
    await expectGone(client, harness);
  });
});

describe("onDisconnected", () => {
  const lost = new Error("reset");

  test.each([
    ["the client closes the connection cleanly", (client: TestClient) => client.lose(undefined), undefined],
    ["the client says that it closes", (client: TestClient) => client.send({ type: MessageType.Close }), undefined],
    ["a hub method aborts", (client: TestClient) => client.call("1", "abort"), undefined],
    [
      "the client closes with an error",
      (client: TestClient) => client.send({ type: MessageType.Close, error: "mine" }),
      new HubError("mine"),
    ],
    ["the connection is lost", (client: TestClient) => client.lose(lost), lost],
    [
      "the client breaks the protocol",
      (client: TestClient) => client.sendText("nonsense\u001e"),
      expect.any(ProtocolError),
    ],
    [
      "the client sends too much at once",
      (client: TestClient) => client.call("1", "echo", "x".repeat(33_000)),
      expect.any(LimitError),
    ],
  ])("when %s", async (_when, end, error) => {
    const { client, harness } = await connected();
    await end(client);
    expect(log.filter((entry) => !entry.startsWith("aborted"))).toEqual(["connected", "disconnected"]);
    expect(disconnectedWith).toEqual([error]);
    await expectGone(client, harness);
  });

  test("when the server closes", async () => {
    const { client, harness } = await connected();
    client.server.shutDown();
    await client.settle();
    expect(client.received).toEqual([{ type: 7, allowReconnect: true }]);
    expect(disconnectedWith).toEqual([undefined]);
    await expectGone(client, harness);
  });

  test("comes after the hub method that aborted, whose answer is not sent", async () => {
    const { client } = await connected();
    await client.call("1", "abort");
    expect(log).toEqual(["connected", "aborted: true", "disconnected"]);
    expect(client.received).toEqual([{ type: 7 }]);
  });

  test("still finds the groups, and nobody to ask", async () => {
    let thrown: unknown;
    plan.onConnected = (hub) => hub.groups.add(hub.context.connectionId, "g");
    plan.onDisconnected = async (hub) => {
      await hub.clients.group("g").send("Left", hub.context.connectionId);
      await hub.clients.caller.invoke("Question").catch((error: unknown) => (thrown = error));
    };
    const { client, harness } = await connected();
    const other = await harness.connect();
    await client.lose(undefined);
    expect(other.calls).toEqual([["Left", "client-1"]]);
    expect(thrown).toBeInstanceOf(ClientResultError);
    expect(client.isOver).toBe(true);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret"))],
  ])("that %s is logged, and harms nothing", async (_how, fail) => {
    plan.onDisconnected = fail;
    const { client, harness } = await connected();
    await client.lose(undefined);
    expect(harness.errors).toEqual(["onDisconnected failed: Error: secret"]);
    await expectGone(client, harness);
  });

  test("that hangs keeps only itself", async () => {
    plan.onDisconnected = () => gate.promise;
    const { client, harness } = await connected();
    const other = await harness.connect();
    await client.lose(undefined);
    await other.call("1", "echo", 1);
    expect(Object.keys(other.answers)).toEqual(["1"]);
    expect(client.isOver).toBe(false);
    gate.resolve();
    await client.settle();
    expect(client.isOver).toBe(true);
  });
});

test("the context is that of the connection, in every call", async () => {
  const harness = new HubHarness(LifeHub);
  const user = { id: "7", name: "Ada" };
  const client = await harness.connect({ user, userIdentifier: "7" });
  await client.call("1", "remember", "it");
  await client.call("2", "recall");
  expect(client.answers["2"]).toEqual({ type: 3, result: ["client-1", user, "7", "it", "WebSockets"] });
});

test("a hub has no connection while it is constructed", () => {
  class Eager extends Hub {
    id = this.context.connectionId;
  }
  expect(() => new Eager()).toThrow(InvalidStateError);
});
