/** `npm run example`: knows every example, and each is documented. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProgramProcess } from "../support/program-process.js";

const root = join(__dirname, "../..");
const runner = join(root, "scripts/example.mjs");
const names = readdirSync(join(root, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("without a name it lists the folders of examples", async () => {
  const program = new ProgramProcess(runner);
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(program.output).toContain(`The names are ${names.join(", ")}.`);
});

test("a name that it does not know is an error", async () => {
  const program = new ProgramProcess(runner, ["../demo"]);
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.output).toContain(`The names are ${names.join(", ")}.`);
});

test.each(names)("%s has a README with its command, and the README of the repository leads there", (name) => {
  const page = readFileSync(join(root, "examples", name, "README.md"), "utf8");
  expect(page).toContain(`npm run example ${name}`);
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`(examples/${name}/README.md)`);
});
