// The table of the package's entries. The rollup configuration, package.json (`npm run exports`) and the package
// checks are all derived from it, so a new entry is one line here.

/**
 * `name` is the file name in dist, `subpath` what people import after `hubwire`. `node` is the source for servers and
 * the types; `browser` the source for every other runtime, left out where the entry is for servers only.
 */
export const entries = [
  { name: "index", subpath: ".", node: "src/index.ts", browser: "src/index.browser.ts" },
  { name: "msgpack", subpath: "./msgpack", node: "src/msgpack.ts", browser: "src/msgpack.ts" },
  {
    name: "opentelemetry",
    subpath: "./opentelemetry",
    node: "src/opentelemetry.ts",
    browser: "src/opentelemetry.ts",
  },
  { name: "server", subpath: "./server", node: "src/server/index.ts" },
];

/**
 * Files for a script tag: each is written as `<name>.js` and `<name>.min.js` and sets one global, with the names of the entry
 * `subpath`. One with `addsTo` is loaded behind the bundle of that name and shares its classes.
 */
export const scriptBundles = [
  { name: "signalr", subpath: ".", input: "src/index.browser.ts", global: "signalR" },
  {
    name: "signalr-protocol-msgpack",
    subpath: "./msgpack",
    input: "src/msgpack.ts",
    global: "signalR.protocols.msgpack",
    addsTo: "signalr",
  },
];

/** Conditions that get the browser's source. A runtime that names none of them gets Node's. */
const browserConditions = ["browser", "react-native", "worker", "workerd"];

/**
 * The fields of package.json that say where each entry is. Node and today's bundlers read `exports`. `module` and
 * `react-native` are for old bundlers, which only ever pack for browsers and apps; `main` is what is left.
 */
export function packageFields() {
  const [root] = entries;
  const [script] = scriptBundles;
  return {
    main: `./dist/node/${root.name}.cjs`,
    module: `./dist/browser/${root.name}.mjs`,
    types: `./dist/types/${root.name}.d.cts`,
    "react-native": `./dist/browser/${root.name}.cjs`,
    unpkg: `./dist/browser/${script.name}.min.js`,
    jsdelivr: `./dist/browser/${script.name}.min.js`,
    exports: {
      ...Object.fromEntries(
        entries.map((entry) => [entry.subpath, { import: branch(entry, "m"), require: branch(entry, "c") }]),
      ),
      "./dist/browser/*": "./dist/browser/*",
      "./package.json": "./package.json",
    },
    typesVersions: {
      "*": Object.fromEntries(
        entries
          .filter(({ subpath }) => subpath !== ".")
          .map(({ name, subpath }) => [subpath.slice(2), [`./dist/types/${name}.d.cts`]]),
      ),
    },
  };
}

/** `format` is the letter that tells `.mjs` and `.cjs` apart. */
function branch({ name, browser }, format) {
  const elsewhere = browser
    ? browserConditions.map((condition) => [condition, `./dist/browser/${name}.${format}js`])
    : [];
  return {
    types: `./dist/types/${name}.d.${format}ts`,
    ...Object.fromEntries(elsewhere),
    default: `./dist/node/${name}.${format}js`,
  };
}
