/** Members of enums are numbers in what is built, and the code is the same otherwise. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const plugin = new URL("inline-enums.mjs", `file://${join(__dirname, "../../scripts/rollup")}/`).href;

const declaration = `
export enum Kind {
  /** The first. */
  First = 1,
  Other = 20,
}
export enum State {
  On = "on",
}
`;

/** What becomes of a source that stands beside the one with the enums. */
function built(code: string): string {
  const program = `
    const { enumsOf, withNumbers } = await import(${JSON.stringify(plugin)});
    process.stdout.write(withNumbers(${JSON.stringify(code)}, enumsOf(${JSON.stringify(declaration)})));
  `;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
}

test("a member becomes its number, and everything stays where it is", () => {
  expect(built("case Kind.First: return [Kind.Other, a];")).toBe("case 1         : return [20        , a];");
});

test.each([
  "Kind[type]",
  "Kind.Missing",
  "State.On",
  "other.Kind.First",
  "MyKind.First",
  "Kind.First1",
  `throw new Error("needs Kind.First.");`,
  "const text = `needs ${a} Kind.First.`;",
  "f(/* Kind.First */ a); // Kind.First",
  "let kind: Kind.First;",
  declaration + "const first = Kind.First;",
])("%j stays", (code) => {
  expect(built(code)).toBe(code);
});
