// Prints the shape of what a file of a package exports, as JSON: a program of its own, because every build is loaded as its users load it.
// Arguments: `esm`, `cjs` or `page`, and the file; for a page all files in order, and what gives the exports there.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";

const [how, ...files] = process.argv.slice(2);
const exported = await load();
console.log(JSON.stringify(Object.fromEntries(Object.keys(exported).map((name) => [name, shapeOf(exported[name])]))));

async function load() {
  if (how === "esm") return import(pathToFileURL(files[0]).href);
  if (how === "cjs") return createRequire(import.meta.url)(files[0]);
  const expression = files.pop();
  const page = { setTimeout, clearTimeout, TextEncoder, TextDecoder, performance, XMLHttpRequest: class {}, console };
  page.self = page.window = page.globalThis = page;
  page.document = { baseURI: "http://localhost/" };
  createContext(page);
  for (const file of files) runInContext(readFileSync(file, "utf8"), page);
  return runInContext(expression, page);
}

/** Enums by their entries, classes by their methods and the number of parameters that callers have to give. */
function shapeOf(value) {
  if (typeof value !== "function")
    return { kind: typeof value, entries: typeof value === "object" ? { ...value } : null };
  const methods = {};
  for (let level = value.prototype; level && Object.getPrototypeOf(level); level = Object.getPrototypeOf(level)) {
    for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      methods[name] ??= typeof method === "function" ? method.length : "accessor";
    }
  }
  return { kind: "function", length: value.length, methods, statics: Object.getOwnPropertyNames(value) };
}
