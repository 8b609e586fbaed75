// Builds dist from the table of entries: for Node and for browsers as ESM and CommonJS, the script-tag files, and the
// bundled types. Entries of one platform share chunks, so a class is the same object whichever entry it came through.
import { readFileSync, rmSync } from "node:fs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import dts from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";
import { entries, scriptBundles } from "./scripts/entries.mjs";
import { inlineEnums } from "./scripts/rollup/inline-enums.mjs";
import { scriptTag } from "./scripts/rollup/script-tag.mjs";

const { version, dependencies, peerDependencies } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const banner = `/*! hubwire ${version} | MIT */`;
const external = [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })];

const moduleFormats = [
  { format: "es", letter: "m" },
  { format: "cjs", letter: "c" },
];

/** Relative imports name the `.js` file that they become; the resolver finds the source. */
const typescript = [
  nodeResolve({ extensions: [".ts"] }),
  inlineEnums("src"),
  esbuild({ target: "es2022", sourceMap: true }),
];

/** The inputs of one platform by file name. */
function inputs(platform) {
  const own = entries.filter((entry) => entry[platform]);
  return Object.fromEntries(own.map((entry) => [entry.name, entry[platform]]));
}

/**
 * The script-tag files end in `.js` but are no ES modules: a package.json beside them says so. Loading one for its
 * global is a side effect; everything else in that folder has none.
 */
const scriptFolder = {
  name: "script-folder",
  generateBundle() {
    const manifest = { type: "commonjs", sideEffects: scriptBundles.map(({ name }) => `./${name}*.js`) };
    this.emitFile({ type: "asset", fileName: "package.json", source: `${JSON.stringify(manifest, null, 2)}\n` });
  },
};

function modules(platform) {
  return {
    input: inputs(platform),
    external,
    plugins: [...typescript, platform === "browser" && scriptFolder],
    output: moduleFormats.map(({ format, letter }) => ({
      dir: `dist/${platform}`,
      format,
      sourcemap: true,
      exports: "named",
      interop: "auto",
      // A test runner without support for modules has no import().
      dynamicImportInCjs: false,
      entryFileNames: `[name].${letter}js`,
      chunkFileNames: `shared/[name].${letter}js`,
    })),
  };
}

/** Sources whose exports all are on the client's global, so that an add-on needs no copy of them. */
const sharedSources = /\/src\/(errors\/call-errors|logging\/log-level|protocol\/messages)\.ts$/;

/** Lets an add-on take what the client's script has from there: an error has one class on a page. */
const fromClient = {
  name: "from-client",
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    return resolved && sharedSources.test(resolved.id) ? { id: "hubwire", external: true } : resolved;
  },
};

function scripts({ name, input, global, addsTo }) {
  const client = scriptBundles.find((bundle) => bundle.name === addsTo);
  const globals = client && { hubwire: client.global };
  const output = { format: "umd", name: global, globals, banner, sourcemap: true, exports: "named", esModule: false };
  return {
    input,
    plugins: [client && fromClient, ...typescript],
    output: [
      { ...output, file: `dist/browser/${name}.js`, plugins: [scriptTag({ minify: false })] },
      { ...output, file: `dist/browser/${name}.min.js`, plugins: [scriptTag({ minify: true })] },
    ],
  };
}

const types = {
  input: inputs("node"),
  external,
  plugins: [dts({ tsconfig: "tsconfig.json" })],
  output: moduleFormats.map(({ letter }) => ({
    dir: "dist/types",
    entryFileNames: `[name].d.${letter}ts`,
    chunkFileNames: `shared/[name].d.${letter}ts`,
  })),
};

// Whatever an earlier build left behind would be packed too.
rmSync(new URL("dist", import.meta.url), { recursive: true, force: true });

export default [modules("node"), modules("browser"), ...scriptBundles.map(scripts), types];
