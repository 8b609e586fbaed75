/** Peers that read nothing: however much is sent to them, what is kept for them stays small, and they are given up in the end. */
import { Hub } from "../../src/server/index.js";
import { HubSite } from "../integration/hub-site.js";
import { callOf, RawHttpClient, RawStream } from "../support/raw-http-client.js";
import { RawClient } from "../support/hub-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { programsForTests, type Report } from "./program.js";

/** Of 150 and more that are offered; 16 may wait, and all else is what the runtime and the network make of that. */
const MAXIMUM_GROWTH_MEGABYTES = 60;

const LONG_MS = 60_000;

const run = programsForTests();

/** Connects, calls `Flood`, and reads nothing any more. @returns a function that lets go of the connection. */
const silentClients: Record<string, (port: number, waits: boolean) => Promise<() => void>> = {
  async WebSockets(port, waits) {
    const client = await RawClient.connect(port, "/hub");
    client.call("1", "Flood", waits);
    client.socket.pause();
    return () => client.socket.terminate();
  },
  async ServerSentEvents(port, waits) {
    const client = await RawStream.connect(port, "/hub");
    client.response.socket.pause();
    await client.post(callOf("1", "Flood", waits));
    return () => client.destroy();
  },
  async LongPolling(port, waits) {
    const client = await RawHttpClient.longPolling(port, "/hub");
    const poll = client.begin("GET");
    poll.request.on("socket", (socket) => void socket.on("connect", () => socket.pause()));
    await client.post(callOf("1", "Flood", waits));
    return () => poll.request.destroy();
  },
};

describe.each(Object.keys(silentClients))("a client over %s that reads nothing", (transport) => {
  test.each([
    ["without waiting", false, /Too much is waiting|took nothing|did not poll/],
    ["and waits for it", true, /took nothing|did not poll/],
  ])(
    "costs the server little and is dropped, when a hub sends it 300 MB %s",
    async (_how, waits, reason) => {
      const server = run("flooding-server");
      const { port } = await server.next();
      const letGo = await silentClients[transport]?.(port as number, waits);
      const reports: Report[] = [await server.next(), await server.next()];
      letGo?.();
      const flooded = reports.find(({ kind }) => kind === "flooded");
      const disconnected = reports.find(({ kind }) => kind === "disconnected");
      expect(disconnected).toMatchObject({ error: expect.stringMatching(reason) });
      expect(flooded).toMatchObject({ errors: {}, growth: expect.any(Number) });
      expect(flooded?.["growth"]).toBeLessThan(MAXIMUM_GROWTH_MEGABYTES);
    },
    LONG_MS,
  );
});

class NoteHub extends Hub {
  note(_text: string): void {}
}

describe("a server that reads nothing", () => {
  const server = HubSite.forTests({ map: (hubs) => void hubs.mapHub("/hub", NoteHub) });
  let proxy: TcpProxy;
  beforeEach(async () => {
    server.site.server.keepAliveTimeout = 0; // it would part with clients that say nothing, as far as it can see
    proxy = await TcpProxy.start(server.site.url);
  });
  afterEach(() => proxy.stop());

  test.each(Object.keys(silentClients))(
    "costs a client that sends it 150 MB over %s little, and the sends fail",
    async (transport) => {
      const client = run("flooding-client", [`${proxy.url}/hub`, transport]);
      await expect(client.next()).resolves.toEqual({ kind: "connected" });
      proxy.strike("stall");
      const flooded = await client.request({});
      expect(flooded).toMatchObject({ kind: "flooded", state: "Connected", errors: expect.any(Array) });
      expect(flooded["growth"]).toBeLessThan(MAXIMUM_GROWTH_MEGABYTES);
      expect(flooded["refused"]).toBeGreaterThan(100_000);
      expect(flooded["errors"]).toEqual(expect.arrayContaining(["connection-lost"])); // by stop()
      await expect(client.ended).resolves.toEqual({ code: 0, signal: null });
      expect(client.output).toBe("");
    },
    LONG_MS,
  );
});
