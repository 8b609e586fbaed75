// `npm run example <name>`: prepares, then starts one of the examples. Without a name it lists them.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

const folder = path.join(root, "examples");
const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "start.mjs")));
const [name] = process.argv.slice(2);

if (names.includes(name)) {
  prepare();
  await import(pathToFileURL(path.join(folder, name, "start.mjs")).href);
} else {
  console.error(`Usage: npm run example <name>\n\nThe names are ${names.join(", ")}.`);
  process.exitCode = name === undefined ? 0 : 1;
}
