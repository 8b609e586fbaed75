// `npm test`: prepares, then runs jest with the arguments given, e.g. `npm test -- test/unit`.
import { spawn } from "node:child_process";
import path from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const jest = spawn(process.execPath, [path.join(root, "node_modules/jest/bin/jest.js"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// An interrupt reaches jest by itself; this process stays until jest has put its workers away.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => jest.kill(signal));
jest.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
