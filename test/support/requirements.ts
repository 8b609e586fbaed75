/** Parts of the suite that need a program or a device which a machine may lack; used by the interop, browser and fault tests. */

/** What a part may need; scripts/requirements.mjs knows how each is found. */
export type Requirement = "dotnet" | "chromium" | "firefox" | "nginx" | "tinyproxy" | "openssl" | "fullDisk";

type Finding = { path: string; missing?: undefined } | { missing: string };

/** In CI every part is mandatory, so a missing program is a failure there. */
const mandatory = process.env["CI"] === "true";

/**
 * A `describe` for tests that need a program: skipped where it is missing, and listed with the reason at the end of
 * the run. With `CI=true` a test fails in its place.
 */
export function describeWhen(requirement: Requirement, title: string, body: () => void): void {
  const { missing } = find(requirement);
  const fullTitle = `${title} (needs ${requirement})`;
  if (missing === undefined) {
    describe(title, body);
  } else if (mandatory) {
    describe(fullTitle, () => {
      test("is mandatory in CI", () => {
        throw new Error(missing);
      });
    });
  } else {
    describe.skip(fullTitle, body);
  }
}

/**
 * The path of the program; call it inside tests and hooks of {@link describeWhen} only.
 * @throws an error when the program is missing.
 */
export function programPath(requirement: Requirement): string {
  const finding = find(requirement);
  if (finding.missing !== undefined) throw new Error(finding.missing);
  return finding.path;
}

function find(requirement: Requirement): Finding {
  const text = process.env["HUBWIRE_REQUIREMENTS"];
  if (text === undefined) throw new Error("jest's globalSetup did not run");
  return (JSON.parse(text) as Record<Requirement, Finding>)[requirement];
}
