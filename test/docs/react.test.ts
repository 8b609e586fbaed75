/** docs/react.md shows the very files of the React example. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/react.md"), "utf8");

test.each([
  ["ts", "hub-hooks.ts"],
  ["tsx", "hub-provider.tsx"],
])("a block of %s is examples/react/%s", (language, name) => {
  const file = readFileSync(join(root, "examples/react", name), "utf8");
  expect(page).toContain(`\`\`\`${language}\n${file}\`\`\`\n`);
});
