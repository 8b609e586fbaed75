// `npm run check`: everything that CI does once the dependencies are there. Ends with one line, `N passed, N failed`:
// the tests and the other steps, counted together. `.ci/run` adds what it did before with `--passed N`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./prepare.mjs";

const { values } = parseArgs({ options: { passed: { type: "string", default: "0" } } });
const scratch = mkdtempSync(path.join(os.tmpdir(), "hubwire-check-"));
const testResults = path.join(scratch, "tests.json");

/** Each step has 3 minutes unless it says otherwise, so that one that hangs is reported like any other failure. */
const bin = (file) => path.join(root, "node_modules", file);
const steps = [
  { name: "lint", args: [bin("eslint/bin/eslint.js"), ".", "--max-warnings", "0"] },
  { name: "format", args: [bin("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."] },
  { name: "types", args: ["scripts/types.mjs"] },
  { name: "build", args: [bin("rollup/dist/bin/rollup"), "--config", "--silent"] },
  {
    name: "tests",
    args: ["scripts/test.mjs", "--json", `--outputFile=${testResults}`],
    count: countTests,
    minutes: 14,
  },
  { name: "package", args: ["scripts/package-check.mjs"] },
  { name: "size", args: ["scripts/size.mjs"] },
];

/** What jest wrote. A suite that could not run counts as one failure, and in CI so does every skipped test. */
function countTests(succeeded) {
  if (!existsSync(testResults)) return { passed: 0, failed: 1 };
  const results = JSON.parse(readFileSync(testResults, "utf8"));
  const skipped = process.env.CI === "true" ? results.numPendingTests + results.numTodoTests : 0;
  if (skipped > 0) console.log(`${skipped} tests were skipped; in CI every test has to run.`);
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + skipped;
  return { passed: results.numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
}

let passed = Number(values.passed);
let failed = 0;
const summary = [];
for (const { name, args, count, minutes = 3 } of steps) {
  console.log(`\n=== ${name}`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: minutes * 60_000,
  });
  const result = count ? count(status === 0) : { passed: Number(status === 0), failed: Number(status !== 0) };
  passed += result.passed;
  failed += result.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  summary.push(`${result.failed === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  console.log(`=== ${summary.at(-1)}`);
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${summary.join("\n")}\n\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
