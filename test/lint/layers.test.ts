/** The layers of docs/ARCHITECTURE.md hold because a wrong import fails the lint. */
import { lint } from "./lint-fixture.js";

const LAYERS = "hubwire/layers";
const CYCLE = "import-x/no-cycle";

/** Modules to import from; they are clean themselves. */
const targets = {
  "src/errors/failure.ts": constant("failure"),
  "src/protocol/message.ts": constant("message"),
  "src/session/session.ts": constant("session"),
  "src/http/fetch.ts": constant("fetcher"),
  "src/transports/socket.ts": constant("socket"),
  "src/client/client.ts": constant("client"),
  "src/server/hub.ts": constant("hub"),
  "src/platform/platform.ts": `${constant("port")}/** A port. */\nexport interface Platform {\n  /** Its name. */\n  name: string;\n}\n`,
  "src/platform/node.ts": constant("node"),
  "src/platform/node/socket.ts": constant("nodeSocket"),
  "src/platform/browser.ts": constant("browser"),
};

const allowed = {
  "src/protocol/knows-errors.ts": importing("failure", "../errors/failure.js"),
  "src/protocol/msgpack-values.ts": importing("Encoder", "@msgpack/msgpack"),
  "src/session/knows-protocol.ts": importing("message", "../protocol/message.js"),
  "src/transports/knows-http.ts": importing("fetcher", "../http/fetch.js"),
  "src/client/knows-transports.ts": importing("socket", "../transports/socket.js"),
  "src/client/knows-the-port.ts": importing("type Platform", "../platform/platform.js"),
  "src/tracing/uses-opentelemetry.ts": importing("trace", "@opentelemetry/api"),
  "src/tracing/knows-client.ts": importing("client", "../client/client.js"),
  "src/server/knows-session.ts": importing("session", "../session/session.js"),
  "src/server/uses-node.ts": importing("readFileSync", "node:fs"),
  "src/server/uses-ws.ts": importing("WebSocketServer", "ws"),
  "src/server/knows-nodes-platform.ts": importing("nodeSocket", "../platform/node/socket.js"),
  "src/platform/node-socket.ts": importing("WebSocket", "ws"),
  "src/index.ts": importing("node", "./platform/node.js"),
};

const forbidden = {
  "src/errors/knows-protocol.ts": importing("message", "../protocol/message.js"),
  "src/protocol/knows-session.ts": importing("session", "../session/session.js"),
  "src/protocol/reads-files.ts": importing("readFileSync", "node:fs"),
  "src/protocol/json-values.ts": importing("Encoder", "@msgpack/msgpack"),
  "src/session/knows-http.ts": importing("fetcher", "../http/fetch.js"),
  "src/http/knows-transports.ts": importing("socket", "../transports/socket.js"),
  "src/transports/knows-client.ts": importing("client", "../client/client.js"),
  "src/transports/loads-client.ts": `/** Loads. */\n/** The client. */\nexport const loaded = import("../client/client.js");\n`,
  "src/client/knows-server.ts": importing("hub", "../server/hub.js"),
  "src/client/passes-server-on.ts": `/** Passes on. */\nexport { hub } from "../server/hub.js";\n`,
  "src/client/picks-a-platform.ts": importing("node", "../platform/node.js"),
  "src/client/makes-the-port.ts": importing("port", "../platform/platform.js"),
  "src/client/uses-ws.ts": importing("WebSocket", "ws"),
  "src/client/uses-a-stranger.ts": importing("Server", "express"),
  "src/client/uses-opentelemetry.ts": importing("trace", "@opentelemetry/api"),
  "src/tracing/knows-server.ts": importing("hub", "../server/hub.js"),
  "src/server/knows-client.ts": importing("client", "../client/client.js"),
  "src/server/knows-browsers.ts": importing("browser", "../platform/browser.js"),
  "src/index.browser.ts": importing("node", "./platform/node.js"),
};

const cycle = {
  "src/session/egg.ts": importing("hen", "./hen.js", "egg"),
  "src/session/hen.ts": importing("egg", "./egg.js", "hen"),
};

let broken: Map<string, string[]>;

beforeAll(() => {
  broken = lint({ ...targets, ...allowed, ...forbidden, ...cycle });
}, 60_000);

test.each(Object.keys({ ...targets, ...allowed }))("%s passes", (path) => {
  expect(broken.get(path)).toEqual([]);
});

test.each(Object.keys(forbidden))("%s breaks the layers", (path) => {
  expect(broken.get(path)).toContain(LAYERS);
});

test.each(Object.keys(cycle))("%s is part of a cycle", (path) => {
  expect(broken.get(path)).toEqual([CYCLE]);
});

function constant(name: string): string {
  return `/** Offers something. */\n/** A constant. */\nexport const ${name}: unknown = "${name}";\n`;
}

/** A module that imports a name and makes use of it. */
function importing(name: string, source: string, exported = "used"): string {
  const [, type, local] = /^(type )?(.*)$/.exec(name) ?? [];
  const use = type ? `export type Used = ${local};` : `export const ${exported}: unknown = ${local};`;
  return `/** Imports something. */\nimport ${type ?? ""}{ ${local} } from "${source}";\n\n/** Uses it. */\n${use}\n`;
}
