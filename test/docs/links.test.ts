/** Every relative link of the documentation leads to a file, and to a heading that is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const pages = ["README.md", "CHANGELOG.md", "demo/README.md", "bench/README.md"].concat(
  readdirSync("examples").map((name) => join("examples", name, "README.md")),
  readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
);

/** The anchor that renderers give a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

function anchorsOf(page: string): string[] {
  const headings = readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) => anchorOf(heading));
}

/** @returns why a link leads nowhere, if so. */
function problemOf(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(target)) return `${link}: no such file`;
  if (anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor))
    return `${link}: no such heading`;
  return undefined;
}

test.each(pages)("the links of %s", (page) => {
  const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const problems = links.filter((link) => !/^https?:/.test(link)).flatMap((link) => problemOf(page, link) ?? []);
  expect(problems).toEqual([]);
});
