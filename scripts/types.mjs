// `npm run types`: checks the types of every configuration, side by side.
import { spawn } from "node:child_process";
import path from "node:path";
import { root } from "./prepare.mjs";

const configurations = ["tsconfig.json", "tsconfig.browser.json", "examples/react/tsconfig.json"];
const tsc = path.join(root, "node_modules/typescript/bin/tsc");

const codes = await Promise.all(
  configurations.map((file) => {
    const check = spawn(process.execPath, [tsc, "--project", file, "--pretty", String(process.stdout.isTTY === true)], {
      cwd: root,
      stdio: "inherit",
    });
    return new Promise((resolve) => check.on("exit", resolve));
  }),
);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
