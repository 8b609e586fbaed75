/** The .NET client's scenarios on hubwire's server: what passes on ASP.NET Core has to pass here. */
import { runDotnetClient } from "../../support/dotnet-client.js";
import { startInteropServer, type InteropServer } from "../../support/interop-hub.js";
import { describeWhen } from "../../support/requirements.js";

const BUILD_AND_RUN_MS = 300_000;

describeWhen("dotnet", "the hub contract on hubwire", () => {
  let server: InteropServer;

  beforeAll(async () => {
    server = await startInteropServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  test(
    "the .NET client passes every scenario",
    async () => {
      const results = await runDotnetClient(server.url);
      expect(results.filter((result) => !result.ok)).toEqual([]);
      expect(results.length).toBeGreaterThan(40);
    },
    BUILD_AND_RUN_MS,
  );
});
