/** The other promises of the code that are left to the linter: each is broken once here. */
import { lint } from "./lint-fixture.js";

const UNION = `/** Kinds. */\nexport type Kind = "ping" | "close";\n`;

const cases = [
  {
    rule: "@typescript-eslint/switch-exhaustiveness-check",
    body: `${UNION}/** Names one. */\nexport function name(kind: Kind): string {\n  switch (kind) {\n    case "ping":\n      return "p";\n  }\n  return "";\n}`,
  },
  {
    rule: "@typescript-eslint/no-floating-promises",
    body: `/** Forgets a promise. */\nexport function forget(): void {\n  Promise.resolve(1);\n}`,
  },
  { rule: "@typescript-eslint/no-explicit-any", body: `/** Anything. */\nexport type Anything = any;` },
  {
    rule: "@typescript-eslint/no-non-null-assertion",
    body: `/** Insists. */\nexport function insist(value: string | undefined): string {\n  return value!;\n}`,
  },
  {
    rule: "@typescript-eslint/consistent-type-imports",
    body: `import { Kind } from "../kind.js";\n/** One. */\nexport const kind: Kind = "ping";`,
  },
  { rule: "jsdoc/require-jsdoc", body: `export function undocumented(): void {}` },
  {
    rule: "jsdoc/require-jsdoc",
    body: `/** A class. */\nexport class Documented {\n  undocumented(): void {}\n}`,
  },
  {
    rule: "jsdoc/require-jsdoc",
    file: "options.ts",
    body: `/** Options. */\nexport interface Options {\n  undocumented: string;\n}`,
  },
  {
    rule: "no-restricted-globals",
    body: `/** Sniffs. */\nexport const isNode: boolean = typeof process === "object";`,
  },
  {
    rule: "no-restricted-syntax",
    body: `/** A class. */\nexport class Secretive {\n  private readonly secret = 1;\n  /** Reads. */\n  read(): number {\n    return this.secret;\n  }\n}`,
  },
  { rule: "max-lines", body: `/** One. */\nexport const one: number = 1;\n${"// A line.\n".repeat(320)}` },
].map((entry, index) => ({ ...entry, path: `src/session/case-${index}/${entry.file ?? "case.ts"}` }));

let broken: Map<string, string[]>;

beforeAll(() => {
  const files = cases.map(({ path, body }) => [path, `/** A case. */\n\n${body}\n`]);
  broken = lint({
    ...(Object.fromEntries(files) as Record<string, string>),
    "src/session/kind.ts": `/** Kinds. */\n\n${UNION}`,
    "src/session/silent.ts": `export {};\n`,
  });
}, 60_000);

test.each(cases)("$path breaks $rule, and nothing else", ({ path, rule }) => {
  expect(new Set(broken.get(path))).toEqual(new Set([rule]));
});

test("a file has to say what it is for", () => {
  expect(broken.get("src/session/silent.ts")).toEqual(["hubwire/file-comment"]);
});

test("code that keeps the rules passes", () => {
  expect(broken.get("src/session/kind.ts")).toEqual([]);
});
