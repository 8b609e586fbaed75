/** The TypeScript settings of an application of today that uses the package; the tests that compile such applications start from them. */
import ts from "typescript";

/** To be spread into one's own options. */
export const APPLICATION_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts"],
  types: ["node"],
  noEmit: true,
  skipLibCheck: true,
};
