// Writes the entry points of the table into package.json: `npm run exports` after changing scripts/entries.mjs.
// A test in test/package fails while the two differ.
import { readFileSync, writeFileSync } from "node:fs";
import { packageFields } from "./entries.mjs";

const file = new URL("../package.json", import.meta.url);
const { dependencies, devDependencies, scripts, ...rest } = JSON.parse(readFileSync(file, "utf8"));
const manifest = { ...rest, ...packageFields(), scripts, dependencies, devDependencies };
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
