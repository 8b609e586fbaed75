/** Lints small source trees with the project's own configuration; used by the tests beside it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const repository = join(__dirname, "../..");
const configuration = ["eslint.config.js", "package.json", "scripts/eslint", "tsconfig.json", "tsconfig.base.json"];

interface LintResult {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

/**
 * Writes the files (path to source) into a project of their own and lints them.
 * @returns for each path the names of the rules that it breaks, in the order of the source.
 */
export function lint(files: Readonly<Record<string, string>>): Map<string, string[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hubwire-lint-")));
  try {
    for (const name of configuration) cpSync(join(repository, name), join(folder, name), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    return new Map(
      run(folder).map((result) => [result.filePath.slice(folder.length + 1).replaceAll("\\", "/"), rules(result)]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string): LintResult[] {
  const cli = join(repository, "node_modules/eslint/bin/eslint.js");
  const { stdout, stderr } = spawnSync(process.execPath, [cli, "--format", "json", "src"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(`eslint did not run: ${stderr}`);
  return JSON.parse(stdout) as LintResult[];
}

/** A message without a rule means that the file could not be parsed. */
function rules({ messages }: LintResult): string[] {
  return messages.map(({ ruleId, message }) => ruleId ?? message);
}
