/** Closing the hub server: clients are told, running calls are waited for, and nothing is left (SERVER_API §2). */
import { createServer } from "node:http";
import { Deferred } from "../../src/common/deferred.js";
import { createHubServer, Hub } from "../../src/server/index.js";
import { HubServer } from "../../src/server/hub-server.js";
import { FakeClock } from "../support/fake-clock.js";
import { listen, negotiate, RawClient, refused, send, startHubServer, stopAll } from "../support/hub-server.js";

let log: string[];
let gate: Deferred<void>;

class ClosingHub extends Hub {
  override onDisconnected(error?: Error): void {
    log.push(`disconnected ${String(error)}`);
  }

  async wait(): Promise<void> {
    const { signal } = this;
    await gate.promise;
    log.push(`done, aborted: ${signal.aborted}`);
  }

  async *numbers(): AsyncIterable<number> {
    for (let number = 0; ; number++) {
      yield number;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  echo(value: unknown): unknown {
    return value;
  }
}

beforeEach(() => {
  log = [];
  gate = new Deferred();
});

afterEach(stopAll);

const goodbye = { type: 7, allowReconnect: true };

test("tells every client that it may come back, and ends their connections", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(port, "/hub")));
  const closed = hubs.close();
  for (const client of clients) {
    expect(await client.rest()).toEqual([goodbye]);
    expect(await client.closed).toMatchObject({ code: 1000 });
  }
  await closed;
  expect(log).toEqual(Array(3).fill("disconnected undefined"));
});

test("waits for running calls, whose signal has fired", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  const client = await RawClient.connect(port, "/hub");
  client.call("1", "wait");
  client.call("2", "echo"); // refused at once: when that answer is here, the first call runs
  await client.next();
  let isClosed = false;
  const closed = hubs.close().then(() => (isClosed = true));
  await client.closed;
  expect(isClosed).toBe(false);
  gate.resolve();
  await closed;
  expect(log).toEqual(["disconnected undefined", "done, aborted: true"]);
});

test("ends streams, and does not wait for them", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  const client = await RawClient.connect(port, "/hub");
  client.sendText('{"type":4,"invocationId":"1","target":"numbers","arguments":[]}\u001e');
  await client.next();
  await hubs.close();
  expect((await client.rest()).at(-1)).toEqual(goodbye);
});

test("waits no longer than the option says, for calls and for clients", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub), { shutdownTimeout: 100 });
  const deaf = await RawClient.connect(port, "/hub");
  deaf.call("1", "wait");
  deaf.call("2", "echo");
  await deaf.next();
  deaf.socket.pause();
  await hubs.close();
  deaf.socket.resume();
  expect(await deaf.closed).toMatchObject({ code: expect.any(Number) });
});

test("cancels handshakes and forgets negotiations", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  await negotiate(port, "/hub");
  const client = await RawClient.open(port, "/hub");
  await hubs.close();
  expect(await client.rest()).toEqual([{ error: "Handshake was canceled." }]);
});

test("lets nobody in while it is closing, and gives the HTTP server back afterwards", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  const client = await RawClient.connect(port, "/hub");
  client.call("1", "wait");
  client.call("2", "echo");
  await client.next();
  const closed = hubs.close();
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 503 });
  expect(await refused(port, "/hub")).toMatchObject({ status: 503 });
  gate.resolve();
  await closed;
  expect(await send(port, "POST", "/hub/negotiate")).toMatchObject({ status: 404, body: "not a hub" });
});

test("lets nobody in who was being looked at when it closed", async () => {
  const user = new Deferred<{ id: string }>();
  const { hubs, port } = await startHubServer((server) => {
    server.mapHub("/hub", ClosingHub, { authenticate: () => user.promise });
  });
  const answers = [send(port, "POST", "/hub/negotiate"), refused(port, "/hub")];
  // Both requests are being looked at when a third one, for somebody else, has been answered.
  await send(port, "GET", "/");
  const closed = hubs.close();
  user.resolve({ id: "ada" });
  for (const answer of answers) expect(await answer).toMatchObject({ status: 503 });
  await closed;
});

test("is done once, and leaves no timer behind", async () => {
  const [clock, background] = [new FakeClock(), new FakeClock()];
  const hubs = new HubServer({ logger: null }, clock, background).mapHub("/hub", ClosingHub);
  const port = await listen(hubs.attach(createServer()));
  await negotiate(port, "/hub");
  expect(background.pendingTimers).toBe(1);
  const first = hubs.close();
  expect(hubs.close()).toBe(first);
  await first;
  expect([clock.pendingTimers, background.pendingTimers]).toEqual([0, 0]);
});

test("a forgotten server does not keep its process alive", async () => {
  const { hubs, port } = await startHubServer((server) => server.mapHub("/hub", ClosingHub));
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  await negotiate(port, "/hub");
  // The heartbeat that watches over the negotiation is not among what the process waits for.
  expect(timers()).toBe(before);
  await hubs.close();
});

test("without clients is done at once", async () => {
  const hubs = createHubServer({ logger: null });
  await hubs.mapHub("/hub", ClosingHub).close();
});
