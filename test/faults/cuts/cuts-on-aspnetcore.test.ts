/** Our client with the real server over connections that are cut off at any byte: nothing lost in silence, nothing doubled, in order. */
import { JsonHubProtocol } from "../../../src/index.js";
import { startAspNetCoreServer, type AspNetCoreServer } from "../../support/aspnetcore-server.js";
import { describeWhen } from "../../support/requirements.js";
import { holdAll, measure, positions, type Cut, type Scene } from "./cut-run.js";

const SAMPLES = 60;
const LONG_MS = 600_000;

describeWhen("dotnet", "a conversation with ASP.NET Core", () => {
  let server: AspNetCoreServer;
  beforeAll(async () => (server = await startAspNetCoreServer()), LONG_MS);
  afterAll(() => server.stop());
  const scene = (): Scene => ({ url: `${server.url}/stateful`, protocol: new JsonHubProtocol() });

  test.each(["up", "down"] as const)(
    "survives a reset at any byte on the way %s, or reports what was lost",
    async (direction) => {
      const total = await measure(scene());
      const cuts = positions(total[direction], SAMPLES).map((bytes): Cut => ({ direction, bytes, fault: "reset" }));
      const outcomes = await holdAll(scene(), cuts);
      // What cannot be saved for certain, because the server may have miscounted items, is the exception.
      const whole = outcomes.filter((outcome) => outcome === "whole").length;
      process.stdout.write(
        `cuts ${direction} on ASP.NET Core: ${whole} of ${outcomes.length} saved, the others reported\n`,
      );
      expect(whole).toBeGreaterThan(outcomes.length / 4);
    },
    LONG_MS,
  );
});
