/** The real .NET client on hubwire's server: whatever it finds on ASP.NET Core, it has to find here. */
import { runDotnetClientOver, type ScenarioResult } from "../support/dotnet-client.js";
import { startInteropServer, type InteropServer } from "../support/interop-hub.js";
import { describeWhen } from "../support/requirements.js";
import { ON_DOTNET } from "./combinations.js";
import { dotnetScenarios } from "./dotnet-scenarios.js";
import { titleOf } from "./run-contract.js";

const BUILD_AND_RUN_MS = 300_000;

describeWhen("dotnet", "contract: the .NET client on hubwire's server", () => {
  describe.each(ON_DOTNET.map((column) => [titleOf(column), column] as const))("%s", (_title, { transport }) => {
    let server: InteropServer | undefined;
    const results = new Map<string, ScenarioResult>();

    beforeAll(async () => {
      server = await startInteropServer();
      for (const result of await runDotnetClientOver(transport, server.url)) results.set(result.name, result);
    }, BUILD_AND_RUN_MS);

    afterAll(() => server?.stop());

    describe.each(dotnetScenarios)("%s", (_area, names) => {
      test.each(names)("%s", (name) => {
        expect(results.get(name)).toEqual({ name, ok: true, detail: expect.any(String) });
      });
    });

    test("the client has no scenario beside these", () => {
      const names = dotnetScenarios.flatMap(([, scenarios]) => scenarios);
      expect([...results.keys()].sort()).toEqual([...names].sort());
    });
  });
});
