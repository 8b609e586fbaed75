/** The table in docs/compatibility.md is that of today's suite: the same features, peers and combinations, all of them passed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { IMPOSSIBLE, ON_ASPNETCORE, ON_DOTNET, ON_HUBWIRE } from "../contract/combinations.js";
import { titleOf } from "../contract/run-contract.js";
import { dotnetScenarios } from "../contract/dotnet-scenarios.js";
import { areas } from "../contract/features/areas.js";

const text = readFileSync(join(__dirname, "../../docs/compatibility.md"), "utf8");
const rows = [...text.matchAll(/^\| (.*) \|$/gm)].map(([, cells = ""]) => cells.split(" | "));

test("every feature is there", () => {
  const features = areas.flatMap(({ name, features }) => features.map((feature) => `${name}: ${feature.name}`));
  const scenarios = dotnetScenarios.flatMap(({ area, names }) => names.map((name) => `${area}: ${name}`));
  const listed = new Set(rows.map(([first]) => first));
  expect([...features, ...scenarios].filter((name) => !listed.has(name))).toEqual([]);
});

test("every combination is there, and none failed", () => {
  const sums = rows.filter((cells) => cells.length === 4 && /^\d+$/.test(cells[3] ?? ""));
  const combinationsOf = (pair: string) => sums.filter(([first]) => first === pair).map(([, second]) => second);
  expect(combinationsOf("hubwire's client on hubwire's server")).toEqual([...ON_HUBWIRE, ...IMPOSSIBLE].map(titleOf));
  expect(combinationsOf("hubwire's client on ASP.NET Core")).toEqual(ON_ASPNETCORE.map(titleOf));
  expect(combinationsOf("the official JavaScript client on hubwire's server")).toEqual(
    [...ON_HUBWIRE, ...IMPOSSIBLE].map(titleOf),
  );
  expect(combinationsOf("the .NET client on hubwire's server")).toEqual(ON_DOTNET.map(titleOf));
  expect(sums.map((cells) => cells[3])).toEqual(sums.map(() => "0"));
});
