/**
 * What the compiler says about typed hubs, and what editors show: every case of `cases/`, in the settings that people have.
 * `UPDATE_TYPE_CASES=1 npx jest test/types` writes the notes anew; read what changed before you commit it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutTexts } from "./annotations.js";
import { cases, Project, settings, textOf } from "./projects.js";

if (process.env["UPDATE_TYPE_CASES"] === "1") {
  const project = new Project(settings["the sources"]?.options ?? {});
  for (const name of cases) writeFileSync(join(__dirname, "cases", name), project.annotated(name));
}

describe.each(Object.entries(settings))("in %s", (_, { options, cases: own = cases, wording }) => {
  const shown = wording === "other" ? withoutTexts : (text: string) => text;
  let project: Project;

  beforeAll(() => {
    project = new Project(options);
  });

  test.each(own)("%s", (name) => {
    expect(shown(project.annotated(name))).toBe(shown(textOf(name)));
  });
});
