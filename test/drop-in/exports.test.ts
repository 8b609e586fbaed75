/** Every build of hubwire exports at run time what the official packages export: names, enums, methods, and the values that objects begin with. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as official from "@microsoft/signalr";
import { MessagePackHubProtocol as OfficialMessagePack } from "@microsoft/signalr-protocol-msgpack";
import * as hubwire from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { exportsOf, packagePairs, programOf } from "../support/official-types.js";

const root = join(__dirname, "../..");
const program = join(root, "test/support/shape-of-exports.mjs");

interface Shape {
  readonly kind: string;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly length?: number;
  /** Parameters of each method; `accessor` for what is none. */
  readonly methods?: Readonly<Record<string, number | "accessor">>;
  readonly statics?: readonly string[];
}

type Shapes = Readonly<Record<string, Shape>>;

/** What a build exports. */
function shapesOf(how: "esm" | "cjs" | "page", files: readonly string[], expression?: string): Shapes {
  const args = [program, how, ...files.map((file) => join(root, file)), ...(expression ? [expression] : [])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Shapes;
}

const theirs = "node_modules/@microsoft";
const [clientPair, msgpackPair] = packagePairs;

/** What differs on purpose: these take optional parameters more, or fewer that have to be given. */
const otherLength = ["HubConnection", "JsonHubProtocol"]; // made by the builder only; takes options
const otherMethods = [
  "HubConnection.start", // takes options
  // Accessors, which check what is assigned; fields there.
  "HubConnection.serverTimeoutInMilliseconds",
  "HubConnection.keepAliveIntervalInMilliseconds",
];

const subjects = [
  {
    what: "the client",
    types: clientPair,
    official: () => shapesOf("cjs", [`${theirs}/signalr/dist/cjs/index.js`]),
    builds: [
      ["CommonJS for Node", () => shapesOf("cjs", ["dist/node/index.cjs"])],
      ["ES module for Node", () => shapesOf("esm", ["dist/node/index.mjs"])],
      ["CommonJS for browsers", () => shapesOf("cjs", ["dist/browser/index.cjs"])],
      ["ES module for browsers", () => shapesOf("esm", ["dist/browser/index.mjs"])],
      ["script tag", () => shapesOf("page", ["dist/browser/signalr.js"], "signalR")],
      ["minified script tag", () => shapesOf("page", ["dist/browser/signalr.min.js"], "signalR")],
    ],
  },
  {
    what: "the add-on for MessagePack",
    types: msgpackPair,
    official: () => shapesOf("cjs", [`${theirs}/signalr-protocol-msgpack/dist/cjs/index.js`]),
    builds: [
      ["CommonJS for Node", () => shapesOf("cjs", ["dist/node/msgpack.cjs"])],
      ["ES module for Node", () => shapesOf("esm", ["dist/node/msgpack.mjs"])],
      ["CommonJS for browsers", () => shapesOf("cjs", ["dist/browser/msgpack.cjs"])],
      ["ES module for browsers", () => shapesOf("esm", ["dist/browser/msgpack.mjs"])],
      ...["", ".min"].map((suffix): [string, () => Shapes] => [
        `script tag${suffix}`,
        () =>
          shapesOf(
            "page",
            [`dist/browser/signalr${suffix}.js`, `dist/browser/signalr-protocol-msgpack${suffix}.js`],
            "signalR.protocols.msgpack",
          ),
      ]),
    ],
  },
] as const;

const declarations = programOf("export {};").program;

describe.each(subjects)("$what", ({ types, official: load, builds }) => {
  const expected = load();
  const declared = exportsOf(declarations, types?.officialFile ?? "");

  test.each(builds.map(([name, of]) => [name, of] as const))("%s", (_name, of) => {
    const shapes = of();
    for (const [name, shape] of Object.entries(expected)) {
      const own = shapes[name];
      expect([name, own?.kind]).toEqual([name, shape.kind]);
      if (shape.kind === "object") expect(own?.entries).toEqual(shape.entries);
      if (shape.kind !== "function") continue;
      if (!otherLength.includes(name)) expect([name, own?.length]).toEqual([name, shape.length]);
      const { members = new Map<string, string>(), statics = new Map<string, string>() } = declared.get(name) ?? {};
      const isPublic = (method: string) => members.has(method);
      const differs = (method: string) => otherMethods.includes(`${name}.${method}`);
      const methods = (of: Shape | undefined) =>
        Object.entries(of?.methods ?? {}).filter(([method]) => isPublic(method) && !differs(method));
      expect([name, Object.fromEntries(methods(own))]).toEqual([name, Object.fromEntries(methods(shape))]);
      const staticNames = shape.statics?.filter((member) => statics.has(member)) ?? [];
      expect(own?.statics).toEqual(expect.arrayContaining([...staticNames]));
    }
  });
});

test("the add-on for a script tag takes from the client's script only what is there", () => {
  const script = readFileSync(join(root, "dist/browser/signalr-protocol-msgpack.js"), "utf8");
  const taken = new Set(Array.from(script.matchAll(/\bhubwire\.(\w+)/g), ([, name]) => name));
  expect(taken).toContain("ProtocolError");
  const client = Object.keys(shapesOf("page", ["dist/browser/signalr.js"], "signalR"));
  expect([...taken].filter((name) => !client.includes(name ?? ""))).toEqual([]);
});

test("objects begin with the same values", () => {
  const states = [official, hubwire].map((client) => {
    const connection = new client.HubConnectionBuilder().withUrl("http://h/hub").build();
    const { state, connectionId, baseUrl, serverTimeoutInMilliseconds, keepAliveIntervalInMilliseconds } = connection;
    const { name, version, transferFormat } = new client.JsonHubProtocol();
    const response = new client.HttpResponse(200, "OK", "text");
    const httpError = new client.HttpError("no", 404);
    return {
      connection: { state, connectionId, baseUrl, serverTimeoutInMilliseconds, keepAliveIntervalInMilliseconds },
      protocol: { name, version, transferFormat },
      response: { ...response },
      httpError: [httpError.message, httpError.statusCode, httpError instanceof Error],
      errors: [new client.AbortError(), new client.TimeoutError()].map(({ message }) => message),
      abortError: new client.AbortError("text").message,
      nullLogger: client.NullLogger.instance.log(client.LogLevel.Error, "x"),
    };
  });
  expect(states[1]).toEqual(states[0]);
  const encodings = [new OfficialMessagePack(), new MessagePackHubProtocol()].map(
    ({ name, version, transferFormat }) => ({ name, version, transferFormat }),
  );
  expect(encodings[1]).toEqual(encodings[0]);
});

const misuses: Record<string, (client: Pick<typeof hubwire, "HubConnectionBuilder">) => unknown> = {
  "no URL": (client) => new client.HubConnectionBuilder().build(),
  "an empty URL": (client) => new client.HubConnectionBuilder().withUrl(""),
  "a blank URL": (client) => new client.HubConnectionBuilder().withUrl("  "),
  "no protocol": (client) => new client.HubConnectionBuilder().withHubProtocol(null as never),
  "no logging": (client) => new client.HubConnectionBuilder().configureLogging(undefined as never),
  "an unknown level": (client) => new client.HubConnectionBuilder().configureLogging("loud"),
  "two policies": (client) => new client.HubConnectionBuilder().withAutomaticReconnect().withAutomaticReconnect(),
  "no server timeout": (client) => new client.HubConnectionBuilder().withServerTimeout(null as never),
  "no keep-alive interval": (client) => new client.HubConnectionBuilder().withKeepAliveInterval(null as never),
};

test.each(Object.entries(misuses))("%s throws, as it does there", (_what, misuse) => {
  expect(() => misuse(official as unknown as typeof hubwire)).toThrow();
  expect(() => misuse(hubwire)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^invalid-/) }));
});

test("names of log levels are read without regard to case, short ones too", () => {
  const names = ["trace", "Debug", "INFO", "information", "warn", "Warning", "error", "critical", "none"];
  for (const name of names) {
    new official.HubConnectionBuilder().configureLogging(name);
    new hubwire.HubConnectionBuilder().configureLogging(name);
  }
});
