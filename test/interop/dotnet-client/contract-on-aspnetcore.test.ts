/**
 * The .NET client's scenarios on the original server. What passes here is real SignalR behaviour, so that a scenario
 * which fails on our server is our server's fault.
 */
import { type AspNetCoreServer, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { runDotnetClient, runDotnetClientOver } from "../../support/dotnet-client.js";
import { describeWhen } from "../../support/requirements.js";

const BUILD_AND_RUN_MS = 300_000;

describeWhen("dotnet", "the hub contract on ASP.NET Core", () => {
  let server: AspNetCoreServer;

  beforeAll(async () => {
    server = await startAspNetCoreServer();
  }, BUILD_AND_RUN_MS);

  afterAll(async () => {
    await server.stop();
  });

  // Not over Long Polling: there the server does not know the sockets that some scenarios need dropped.
  test.each(["WebSockets", "ServerSentEvents"] as const)(
    "the .NET client passes every scenario over %s",
    async (transport) => {
      const results = await runDotnetClientOver(transport, `${server.url}/contract`);
      expect(results.filter((result) => !result.ok)).toEqual([]);
    },
    BUILD_AND_RUN_MS,
  );

  test(
    "the .NET client reports a hub that breaks the contract",
    async () => {
      // This hub has no method Fail, so the error has another text.
      const [result] = await runDotnetClient(`${server.url}/hub`, "plain error is hidden");
      expect(result).toMatchObject({ ok: false, detail: expect.stringContaining("Method does not exist") });
    },
    BUILD_AND_RUN_MS,
  );
});
