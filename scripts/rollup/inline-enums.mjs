// Writes the numbers of enums where their members are named in other files; used by rollup.config.mjs. Files are compiled one by one,
// so the compiler cannot do it, and an application would pay for the enum itself even where nobody looks a name up.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

const DECLARATION = /export enum (\w+) \{(.*?)\n\}/gs;
const MEMBER = /^ {2}(\w+) = (\d+),$/gm;

/** The rollup input plugin. `folder` has the sources, whose enums are known by name. */
export function inlineEnums(folder) {
  const enums = new Map();
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
    for (const [name, members] of enumsOf(readFileSync(path.join(folder, file), "utf8"))) {
      if (enums.has(name)) throw new Error(`There are two enums of the name ${name}: rename one`);
      enums.set(name, members);
    }
  }
  return {
    name: "inline-enums",
    transform: (code, id) => (id.endsWith(".ts") ? { code: withNumbers(code, enums), map: null } : undefined),
  };
}

/** The exported enums of a source, with the numbers of their members. */
export function enumsOf(code) {
  return new Map(
    Array.from(code.matchAll(DECLARATION), ([, name, body]) => [
      name,
      new Map(Array.from(body.matchAll(MEMBER), ([, member, value]) => [member, value])),
    ]),
  );
}

/** The source with numbers as long as what they stand for, so that the source map stays true. Texts that name a member stay. */
export function withNumbers(code, enums) {
  const own = enumsOf(code);
  const source = ts.createSourceFile("source.ts", code, ts.ScriptTarget.Latest);
  let [written, end] = ["", 0];
  const visit = (node) => {
    const value = ts.isPropertyAccessExpression(node) ? valueOf(node) : undefined;
    if (value === undefined) return ts.forEachChild(node, visit);
    const start = node.getStart(source);
    written += code.slice(end, start) + value.padEnd(node.end - start);
    end = node.end;
  };
  const valueOf = ({ expression, name }) =>
    ts.isIdentifier(expression) && !own.has(expression.text) ? enums.get(expression.text)?.get(name.text) : undefined;
  visit(source);
  return written + code.slice(end);
}
