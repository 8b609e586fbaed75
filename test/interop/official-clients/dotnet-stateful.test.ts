/** The real .NET client with stateful reconnect on hubwire's server, over a network that breaks again and again. */
import { statefulScenarios } from "../../contract/dotnet-scenarios.js";
import { runDotnetClient } from "../../support/dotnet-client.js";
import { startInteropServer, type InteropServer } from "../../support/interop-server.js";
import { describeWhen } from "../../support/requirements.js";
import { TcpProxy, type Direction } from "../../support/tcp-proxy.js";

const BUILD_AND_RUN_MS = 300_000;
const { names } = statefulScenarios;

describeWhen("dotnet", "the .NET client with stateful reconnect on hubwire", () => {
  let server: InteropServer;
  let proxy: TcpProxy;

  beforeAll(async () => {
    server = await startInteropServer();
    proxy = await TcpProxy.start(server.url);
  });

  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  // Further apart than the client's longest burst: it acknowledges once a second, and so long has to send and get all of it again.
  test.each<[Direction, number]>([
    ["down", 20_011],
    ["up", 10_007],
  ])(
    "loses and doubles nothing although its connection breaks whenever so many bytes went %s: %d",
    async (direction, bytes) => {
      let cuts = 0;
      let isOver = false;
      const breakNext = (): void =>
        void proxy.strikeWhen({ direction, bytes }, "reset").then(() => {
          cuts++;
          if (!isOver) breakNext();
        });
      breakNext();
      const results = await runDotnetClient(proxy.url + new URL(server.url).pathname, "--stateful", ...names);
      isOver = true;
      proxy.heal();
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results).toHaveLength(names.length);
      expect(cuts).toBeGreaterThan(5);
    },
    BUILD_AND_RUN_MS,
  );

  test(
    "is asked how far it counted before it gets items again",
    async () => {
      let hasAsked = false;
      proxy.cut = (chunk) => {
        hasAsked ||= chunk.includes("hubwire-probe");
        return [chunk];
      };
      void proxy.strikeWhen({ direction: "down", pattern: /"type":2/ }, "reset");
      const address = proxy.url + new URL(server.url).pathname;
      const results = await runDotnetClient(address, "--stateful", "stateful stream down");
      expect(results).toEqual([expect.objectContaining({ ok: true })]);
      expect(hasAsked).toBe(true);
    },
    BUILD_AND_RUN_MS,
  );
});
