/** The catalogue in docs/errors.md against the source: every code is raised for real, and is what its row says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import * as client from "../../src/index.js";
import * as server from "../../src/server/index.js";
import { scenarios } from "./error-scenarios.js";
import { Stage } from "./error-stage.js";

const page = readFileSync("docs/errors.md", "utf8");

/** The rows of the table under a heading, as cells without their quotes. */
function tableUnder(heading: RegExp): string[][] {
  const [, section = ""] = page.split(heading);
  const [, , ...rows] = (/(?:^\|.*\n)+/m.exec(section)?.[0] ?? "").trim().split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function plain(cell = ""): string {
  return cell.replaceAll("`", "");
}

/** Everything in `src`. */
function sources(folder = "src"): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : readFileSync(path, "utf8");
  });
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

const rows = new Map(tableUnder(/^# Errors/m).map((cells) => [plain(cells[0]), cells]));
const union = /type ErrorCode =([^;]*);/.exec(readFileSync("src/errors/hubwire-error.ts", "utf8"))?.[1] ?? "";
const codes = [...union.matchAll(/"([\w-]+)"/g)].map(([, code = ""]) => code);

test("every code has a row, and every row a code", () => {
  expect(codes.length).toBeGreaterThan(19);
  expect([...rows.keys()]).toEqual(codes);
});

test("every code is raised by a test", () => {
  expect(sorted(scenarios.map(({ code }) => code))).toEqual(codes);
});

test("every exported class has a row", () => {
  const isError = (value: unknown): boolean => typeof value === "function" && value.prototype instanceof Error;
  const exported = Object.entries({ ...client, ...server }).flatMap(([name, value]) => (isError(value) ? name : []));
  const named = [...rows.values()].map(([, className]) => plain(className));
  expect(sorted([...named, "HubwireError"])).toEqual(sorted(exported));
});

describe.each(scenarios)("$code at the $end", ({ code, end, where, raise }) => {
  const stage = new Stage();
  let raised: unknown;
  beforeAll(async () => {
    raised = await raise(stage);
  });
  afterAll(() => stage.end());

  test("is of its class and arrives where the catalogue says", () => {
    const [, className = "", , arrives = ""] = rows.get(code) ?? [];
    const Class = (end === "client" ? client : server)[plain(className) as "HubError"];
    expect(raised).toBeInstanceOf(Class);
    expect(raised).toBeInstanceOf(client.HubwireError);
    expect(raised).toMatchObject({ code, name: plain(className) });
    expect(plain(arrives)).toContain(where);
  });

  test("tells no secret, neither in the error nor in the log", () => {
    // With causes, attempts and stacks.
    expect(inspect(raised, { depth: 10 })).not.toContain("s3cr3t");
    expect(stage.lines.filter((line) => line.includes("s3cr3t"))).toEqual([]);
  });
});

test("every limit has a row, and every row a limit", () => {
  const all = sources().join("\n");
  const named = [...all.matchAll(/new LimitError\(\s*"(\w+)"/g)].map(([, name = ""]) => name);
  const ofMessagePack = readFileSync("src/protocol/msgpack-options.ts", "utf8").matchAll(/^ {2}(max\w+)\?:/gm);
  const limits = [...named, ...[...ofMessagePack].map(([, name = ""]) => name)];
  expect(limits.length).toBeGreaterThan(10);
  const listed = tableUnder(/^## Limits/m).flatMap(([name]) => plain(name).split(", "));
  expect(sorted(listed)).toEqual(sorted(limits));
});
