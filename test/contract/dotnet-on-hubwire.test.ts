/** The real .NET client on hubwire's server: whatever it finds on ASP.NET Core, it has to find here. */
import { runDotnetClientOver, type ScenarioResult } from "../support/dotnet-client.js";
import { startInteropServer, type InteropServer } from "../support/interop-server.js";
import { describeWhen } from "../support/requirements.js";
import { ON_DOTNET } from "./combinations.js";
import type { Combination } from "./contract.js";
import { dotnetScenarios } from "./dotnet-scenarios.js";
import { titleOf } from "./run-contract.js";

const BUILD_AND_RUN_MS = 300_000;

function run({ transport, resumes }: Combination, url: string): Promise<ScenarioResult[]> {
  return runDotnetClientOver(transport, url, ...(resumes ? ["--stateful"] : []));
}

describeWhen("dotnet", "contract: the .NET client on hubwire's server", () => {
  describe.each(ON_DOTNET.map((column) => [titleOf(column), column] as const))("%s", (_title, column) => {
    const areas = dotnetScenarios.filter(({ appliesTo }) => appliesTo?.(column) ?? true);
    let server: InteropServer | undefined;
    const results = new Map<string, ScenarioResult>();

    beforeAll(async () => {
      server = await startInteropServer();
      for (const result of await run(column, server.url)) results.set(result.name, result);
    }, BUILD_AND_RUN_MS);

    afterAll(() => server?.stop());

    describe.each(areas.map(({ area, names }) => [area, names] as const))("%s", (_area, names) => {
      test.each(names)("%s", (name) => {
        expect(results.get(name)).toEqual({ name, ok: true, detail: expect.any(String) });
      });
    });

    test("the client has no scenario beside these", () => {
      const names = areas.flatMap((area) => area.names);
      expect([...results.keys()].sort()).toEqual([...names].sort());
    });
  });
});
