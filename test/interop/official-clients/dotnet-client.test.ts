/** The real .NET client on hubwire's server: whatever it finds on ASP.NET Core, it has to find here. */
import { runDotnetClient } from "../../support/dotnet-client.js";
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

  test(
    "passes every scenario of the contract",
    async () => {
      const results = await runDotnetClient(server.url);
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results).toHaveLength(SCENARIOS);
    },
    BUILD_AND_RUN_MS,
  );
});
