/** A part whose program is missing is skipped and listed with the reason, but fails in CI. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(__dirname, "../..");

const SUITE = `
  import { describeWhen, programPath } from "./support/requirements.js";
  describeWhen("chromium", "drawing", () => {
    test("finds its program", () => expect(programPath("chromium")).toBe(process.execPath));
    test("draws", () => undefined);
  });
  test("always runs", () => undefined);
`;

let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "hubwire-requirements-")));
  for (const name of ["jest.config.mjs", "package.json", "scripts", "test/support"]) {
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "test/suite.test.ts"), SUITE);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function runJest(environment: NodeJS.ProcessEnv): { status: number | null; output: string } {
  const cli = join(folder, "node_modules/jest/bin/jest.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "--ci", "--runInBand"], {
    cwd: folder,
    env: { ...process.env, CI: "false", ...environment },
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

const WITHOUT = { CHROME_BIN: "/nowhere/chromium" };
const REASON = "CHROME_BIN names no program: /nowhere/chromium";

test("where the program is there, the part runs", () => {
  const { status, output } = runJest({ CHROME_BIN: process.execPath });
  expect(output).toContain("3 passed, 3 total");
  expect(output).not.toContain("Skipped parts");
  expect(status).toBe(0);
}, 60_000);

test("where it is missing, the part is skipped and listed", () => {
  const { status, output } = runJest(WITHOUT);
  expect(output).toContain("2 skipped, 1 passed, 3 total");
  expect(output).toContain(`Skipped parts:\n  drawing (needs chromium): 2 tests, because ${REASON}`);
  expect(status).toBe(0);
}, 60_000);

test("in CI it fails for that reason", () => {
  const { status, output } = runJest({ ...WITHOUT, CI: "true" });
  expect(output).toContain("1 failed, 1 passed, 2 total");
  expect(output).toContain(REASON);
  expect(status).toBe(1);
}, 60_000);
