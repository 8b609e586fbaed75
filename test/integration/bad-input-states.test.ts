/** Every method in every state of a connection: what works, what is refused by name, and that the connection can be used afterwards. */
import type { HubConnection } from "../../src/index.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState } from "./room-hub.js";
import { collect } from "../support/witness.js";

type State = "new" | "Connecting" | "Connected" | "Reconnecting" | "Disconnecting" | "stopped" | "disposed";

const ALL: readonly State[] = [
  "new",
  "Connecting",
  "Connected",
  "Reconnecting",
  "Disconnecting",
  "stopped",
  "disposed",
];
const IDLE: readonly State[] = ["new", "stopped", "disposed"];

const createHub = () => new RoomHub(new RoomState());
const never = new Promise<object>(() => undefined);
const running = HubSite.forTests({
  map: (hubs) => {
    hubs.mapHub("/hub", RoomHub, { createHub, enableAuthenticationRefresh: true });
    hubs.mapHub("/slow", RoomHub, { createHub, authenticate: () => never });
  },
});
let proxy: TcpProxy;
beforeAll(async () => (proxy = await TcpProxy.start(running.site.url)));
afterAll(() => proxy.stop());

/** What each method does, and in which states it works; in the others it is refused with `invalid-state`. */
const methods: readonly (readonly [
  name: string,
  works: readonly State[],
  call: (connection: HubConnection) => unknown,
])[] = [
  ["start", IDLE, (connection) => connection.start()],
  ["stop", ALL, (connection) => connection.stop()],
  ["Symbol.asyncDispose", ALL, (connection) => connection[Symbol.asyncDispose]()],
  ["invoke", ["Connected"], (connection) => connection.invoke("Add", 1, 1)],
  ["send", ["Connected"], (connection) => connection.send("Nothing")],
  ["stream", ["Connected"], (connection) => collect(connection.stream("Counter", 2))],
  ["baseUrl", [...IDLE, "Reconnecting"], (connection) => (connection.baseUrl = `${running.site.url}/hub`)],
  ["serverTimeoutInMilliseconds", ALL, (connection) => (connection.serverTimeoutInMilliseconds = 20_000)],
  ["keepAliveIntervalInMilliseconds", ALL, (connection) => (connection.keepAliveIntervalInMilliseconds = 10_000)],
  ["on and its disposer", ALL, (connection) => connection.on("Greeting", () => undefined)()],
  ["off", ALL, (connection) => connection.off("Greeting")],
  ["onclose", ALL, (connection) => connection.onclose(() => undefined)()],
  ["onreconnecting", ALL, (connection) => connection.onreconnecting(() => undefined)()],
  ["onreconnected", ALL, (connection) => connection.onreconnected(() => undefined)()],
  ["onStateChange", ALL, (connection) => connection.onStateChange(() => undefined)()],
  ["with", ALL, (connection) => connection.with({ timeout: 1_000 })],
  ["a call of with", ["Connected"], (connection) => connection.with({ timeout: 10_000 }).invoke("Add", 1, 1)],
  ["use and its disposer", ALL, (connection) => connection.use({ invoke: async (call, next) => next(call) })()],
  ["refreshAuthentication", ["Connected"], (connection) => connection.refreshAuthentication()],
  ["onAuthenticationRefreshed", ALL, (connection) => connection.onAuthenticationRefreshed(() => undefined)()],
  ["onAuthenticationRefreshFailed", ALL, (connection) => connection.onAuthenticationRefreshFailed(() => undefined)()],
  ["connectionId and transport", ALL, ({ connectionId, transport }) => [connectionId, transport]],
];

/** Brings a new connection into a state. What it still waits for is left to itself. */
async function enter(state: State): Promise<HubConnection> {
  const { site } = running;
  const path = state === "Connecting" ? `${site.url}/slow` : `${proxy.url}/hub`;
  const connection = site.build(site.builder().withUrl(path).withAutomaticReconnect([60_000]));
  if (state === "new") return connection;
  const started = connection.start();
  if (state === "Connecting") started.catch(() => undefined);
  else await started;
  switch (state) {
    case "Reconnecting": {
      const lost = new Promise((resolve) => connection.onreconnecting(resolve));
      proxy.strike("reset");
      await lost;
      break;
    }
    case "Disconnecting":
      void connection.stop();
      break;
    case "stopped":
      await connection.stop();
      break;
    case "disposed":
      await connection[Symbol.asyncDispose]();
      break;
    case "Connecting":
    case "Connected":
      break;
  }
  return connection;
}

async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return "works";
  } catch (thrown) {
    return (thrown as { code?: string }).code;
  }
}

describe.each(ALL)("%s", (state) => {
  test.each(methods)("%s", async (_name, works, call) => {
    const connection = await enter(state);
    expect(connection.state).toBe(IDLE.includes(state) ? "Disconnected" : state);
    expect(await outcomeOf(() => call(connection))).toBe(works.includes(state) ? "works" : "invalid-state");
    await connection.stop();
    expect(connection.state).toBe("Disconnected");
    connection.baseUrl = `${running.site.url}/hub`;
    await connection.start();
    await expect(connection.invoke("Add", 20, 22)).resolves.toBe(42);
  });
});

test("the call that comes too early or too late says so", async () => {
  const connection = running.site.build();
  await expect(connection.invoke("Add", 1, 1)).rejects.toThrow(
    "Cannot send data if the connection is not in the 'Connected' State.",
  );
  await connection.start();
  await expect(connection.start()).rejects.toThrow("not in the 'Disconnected' state");
});

test("a disposed connection can be started again: to dispose is to stop", async () => {
  const connection = running.site.build();
  {
    await using used = connection;
    await used.start();
  }
  expect(connection.state).toBe("Disconnected");
  await connection.start();
  await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
});

test("disposers may be called again, also when the connection is over", async () => {
  const connection = await running.site.connect();
  const disposers = [connection.on("Greeting", () => undefined), connection.onclose(() => undefined)];
  await connection.stop();
  for (const dispose of [...disposers, ...disposers]) expect(() => dispose()).not.toThrow();
});
