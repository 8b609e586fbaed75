/** Private members become plain ones in the files for script tags, without a change in what the code does. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

const scriptTag = new URL("script-tag.mjs", `file://${join(__dirname, "../../scripts/rollup")}/`).href;

test("a class and its base keep their own members of one name", () => {
  const code = `
    class Base {
      #count = 1;
      static #made = 0;
      base() { Base.#made++; return (this.#count += this.#step() + Base.#made); }
      #step() { return 10; }
    }
    class Derived extends Base {
      #count = 100;
      get #both() { return this.#count++ + this.base(); }
      all() { return [this.#both, this.#both, this.base()]; }
    }
    class Failure extends Error { #count = 7; get count() { return this.#count; } }
    result = [...new Derived().all(), new Failure().count].join();
  `;
  const plain = plainMembers(code);
  expect(plain).not.toContain("#");
  expect(resultOf(plain)).toBe(resultOf(code));
});

test("positions stay, so that source maps stay true", () => {
  const code = `class A { #longName = 1; read() { return this.#longName; } }`;
  expect(plainMembers(code)).toBe(code.replaceAll("#", "_"));
});

test.each([
  ["a name that is taken", "class A { #x = 1; _x = 2; }", "rename one of them"],
  ["a brand check", "class A { #x; static is(o) { return #x in o; } }", "use instanceof"],
  [
    "a third class of one line with the name",
    "class A { #x; } class B extends A { #x; } class C extends B { #x; y() { this.#x; } }",
    "more than two classes",
  ],
])("%s fails the build", (_title, code, message) => {
  expect(() => plainMembers(code)).toThrow(message);
});

function resultOf(code: string): string {
  const context = { result: "" };
  runInNewContext(code, context);
  return context.result;
}

/** The plugin is an ES module, so another process answers for it. */
function plainMembers(code: string): string {
  const program = `
    import { parseAst } from "rollup/parseAst";
    import { plainMembers } from ${JSON.stringify(scriptTag)};
    const code = ${JSON.stringify(code)};
    process.stdout.write(plainMembers(code, parseAst(code)).code);`;
  return execFileSync(process.execPath, ["--input-type=module", "-"], {
    input: program,
    encoding: "utf8",
    cwd: join(__dirname, "../.."),
    stdio: "pipe",
  });
}
