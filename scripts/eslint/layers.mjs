// The lint rule behind docs/ARCHITECTURE.md: who may import what inside src. Used by eslint.config.js.
import path from "node:path";

const base = ["errors", "logging", "common"];
const peer = [...base, "protocol", "session"];
const wire = [...peer, "http", "transports"];

/** For each folder of src, the other folders that its files may import. */
const layers = {
  errors: base,
  logging: base,
  common: base,
  protocol: base,
  session: [...base, "protocol"],
  http: peer,
  transports: [...peer, "http"],
  client: wire,
  server: wire,
  tracing: [...peer, "client"],
  platform: wire,
};

/** Where the platform is chosen. `ends` are the sides (and the platform) that the file puts together. */
const compositionRoots = {
  "src/index.ts": { ends: ["client", "platform"] },
  "src/index.browser.ts": { ends: ["client", "platform"], not: /^src\/platform\/node/ },
  "src/msgpack.ts": { ends: ["platform"], not: /^src\/platform\/node/ },
  "src/opentelemetry.ts": { ends: ["tracing"] },
  "src/server/index.ts": { ends: ["platform"], not: /^src\/platform\/browser/ },
};

/** The one file of the platform that others know, and only as types: its port. */
const platformPort = { file: "src/platform/platform.ts", users: ["http", "transports", "client", "server"] };

/** Packages that src may use, and the files that may. Anything else is not a dependency. */
const packages = [
  { name: /^(node:|ws$)/, files: /^src\/(server\/|platform\/node|index\.ts$)/, owner: "platform/node and server" },
  {
    name: /^(tough-cookie|https?-proxy-agent|proxy-from-env)$/,
    files: /^src\/platform\/node\//,
    owner: "platform/node",
  },
  { name: /^@msgpack\/msgpack$/, files: /^src\/protocol\/msgpack-/, owner: "the MessagePack encoding" },
  { name: /^@opentelemetry\/api$/, files: /^src\/tracing\//, owner: "tracing" },
];

/** Why `importer` may not import `source`, or `undefined` when it may. Paths are relative to the repository. */
export function reasonAgainst(importer, source, typesOnly) {
  if (!source.startsWith(".")) {
    const known = packages.find(({ name }) => name.test(source));
    if (known === undefined) return `"${source}" is not a package that src may use`;
    return known.files.test(importer) ? undefined : `"${source}" belongs to ${known.owner} only`;
  }
  const target = path.posix.join(path.posix.dirname(importer), source).replace(/\.js$/, ".ts");
  if (!target.startsWith("src/")) return "src imports nothing from outside src";
  const from = folderOf(importer);
  const to = folderOf(target);
  const root = compositionRoots[importer];
  if (root?.not?.test(target)) return `${importer} is built for other runtimes`;
  if (root?.ends.includes(to)) return undefined;
  if (to === undefined) return "nothing imports a composition root";
  if (from === to) return undefined;
  if (from === "server" && target.startsWith("src/platform/node/")) return undefined; // it runs nowhere else
  if (target === platformPort.file && platformPort.users.includes(from)) {
    return typesOnly ? undefined : "the platform's port is imported with `import type`; the object comes from the root";
  }
  const allowed = from === undefined ? wire : layers[from];
  if (allowed === undefined || layers[to] === undefined) return `src/${allowed ? to : from} is not a layer yet`;
  return allowed.includes(to) ? undefined : `${from ?? "a composition root"} may not know ${to}`;
}

/** The layer of a file; `undefined` for those directly in src. */
function folderOf(file) {
  const [, folder, rest] = file.split("/");
  return rest === undefined ? undefined : folder;
}

export const layersRule = {
  meta: {
    type: "problem",
    docs: { description: "Dependencies between the layers of src point one way (docs/ARCHITECTURE.md)." },
    messages: { forbidden: "This import breaks the layers of docs/ARCHITECTURE.md: {{reason}}." },
    schema: [],
  },
  create(context) {
    const importer = path.relative(context.cwd, context.filename).split(path.sep).join("/");
    const check = (source, typesOnly) => {
      if (source?.type !== "Literal") return;
      const reason = reasonAgainst(importer, source.value, typesOnly);
      if (reason !== undefined) context.report({ node: source, messageId: "forbidden", data: { reason } });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === "type"),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
    };
  },
};
