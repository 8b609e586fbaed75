/** The real .NET client on hubwire's server: whatever it finds on ASP.NET Core, it has to find here. */
import { runDotnetClientOver } from "../../support/dotnet-client.js";
import { startInteropServer, type InteropServer } from "../../support/interop-hub.js";
import { describeWhen } from "../../support/requirements.js";

const BUILD_AND_RUN_MS = 300_000;
/** All of the contract; a client that skips some must not pass. */
const SCENARIOS = 69;

describeWhen("dotnet", "the .NET client on hubwire", () => {
  let server: InteropServer;

  beforeAll(async () => {
    server = await startInteropServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  test.each(["WebSockets", "ServerSentEvents", "LongPolling"] as const)(
    "passes every scenario of the contract over %s",
    async (transport) => {
      const results = await runDotnetClientOver(transport, server.url);
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results).toHaveLength(SCENARIOS);
    },
    BUILD_AND_RUN_MS,
  );
});
