/** SIGSTOP and SIGCONT of a client: time in which it did not run is not the server's silence, and it goes on as if nothing had been. */
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { RawClient } from "../support/hub-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { programsForTests, type Program } from "./program.js";

const SERVER_TIMEOUT_MS = 1_000;
const PING_MS = 200;
/** What the server pings others meanwhile: three times as long as the client waits for a word. */
const PINGS = (3 * SERVER_TIMEOUT_MS) / PING_MS;
const LONG_MS = 30_000;

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }
}

const start = programsForTests();
const server = HubSite.forTests({
  map: (hubs) => hubs.mapHub("/hub", EchoHub, { keepAliveInterval: PING_MS, clientTimeoutInterval: 60_000 }),
});

let proxy: TcpProxy;
beforeEach(async () => (proxy = await TcpProxy.start(server.site.url)));
afterEach(() => proxy.stop());

async function connected(transport: string): Promise<Program> {
  const client = start("frozen-client", [`${proxy.url}/hub`, transport, String(SERVER_TIMEOUT_MS)]);
  expect(await client.next()).toEqual({ kind: "connected" });
  return client;
}

/** Waits until somebody else was pinged so often. */
async function untilPinged(times: number): Promise<void> {
  const onlooker = await RawClient.connect(server.site.port, "/hub");
  for (let count = 0; count < times; count++) expect(await onlooker.next()).toEqual({ type: 6 });
  onlooker.socket.terminate();
}

/** Lets the client's own timers run so often; fewer than it takes to find the server silent. */
async function run(client: Program, turns: number): Promise<void> {
  expect(await client.request({ turns })).toEqual({ kind: "ran" });
}

async function expectUntouched(client: Program, connections: number): Promise<void> {
  const answer = await client.request({});
  expect(answer).toMatchObject({ kind: "answer", echo: "still here", state: "Connected" });
  // It really stood still, and for longer than it waits for a server that is silent.
  expect(answer["longestPauseMs"]).toBeGreaterThan(2 * SERVER_TIMEOUT_MS);
  expect(proxy.connections).toBe(connections);
}

describe.each(["WebSockets", "ServerSentEvents"])("%s", (transport) => {
  test(
    "a client that did not run while the server went on takes up where it was",
    async () => {
      const client = await connected(transport);
      const { connections } = proxy;
      client.freeze();
      await untilPinged(PINGS);
      client.thaw();
      await expectUntouched(client, connections);
    },
    LONG_MS,
  );

  test(
    "so does one whose network was gone as long, as of a machine that sleeps, and comes back a moment later",
    async () => {
      const client = await connected(transport);
      const { connections } = proxy;
      proxy.strike("stall", "down");
      await run(client, 10); // its last look before it stands still finds nothing either
      client.freeze();
      await untilPinged(PINGS);
      client.thaw();
      await run(client, 3);
      proxy.resume();
      await expectUntouched(client, connections);
    },
    LONG_MS,
  );

  test(
    "and notices a server that is really silent afterwards",
    async () => {
      const client = await connected(transport);
      client.freeze();
      await untilPinged(PINGS);
      client.thaw();
      expect(await client.request({})).toMatchObject({ echo: "still here" });
      proxy.strike("silence", "down");
      expect(await client.next()).toEqual({ kind: "closed", code: "server-timeout" });
    },
    LONG_MS,
  );
});
