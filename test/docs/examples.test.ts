/** The examples of the README and of docs: all of them compile, and the README's client talks to the README's server. */
import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import * as client from "../../src/index.js";
import * as server from "../../src/server/index.js";
import { APPLICATION_OPTIONS } from "../support/compiler-options.js";

const root = join(__dirname, "../..");
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

/** What examples use without saying where it comes from. */
const given = `
import { HubConnectionBuilder as GivenBuilder } from "hubwire";
declare const url: string;
declare function fetchToken(): Promise<string>;
`;

function examplesOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
}

function complaints(code: string): string[] {
  const file = join(root, "test/docs/example.ts");
  const own = /import \{[^}]*\bHubConnectionBuilder\b/.test(code) ? "" : "const HubConnectionBuilder = GivenBuilder;\n";
  const options: ts.CompilerOptions = {
    ...APPLICATION_OPTIONS,
    paths: {
      hubwire: [join(root, "src/index.ts")],
      "hubwire/msgpack": [join(root, "src/msgpack.ts")],
      "hubwire/opentelemetry": [join(root, "src/opentelemetry.ts")],
      "hubwire/server": [join(root, "src/server/index.ts")],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, given + own + code, ts.ScriptTarget.ES2022, true)
      : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .filter((diagnostic) => diagnostic.file?.fileName === file)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

/** Runs an example as the body of a function, with its imports taken from the sources. */
async function run(code: string, scope: Record<string, unknown>): Promise<void> {
  const body = code.replace(/^import \{([^}]*)\} from "([^"]*)";$/gm, "const {$1} = modules['$2'];");
  const { code: script } = transformSync(`(async () => {${body}\n})()`, { loader: "ts" });
  const names = Object.keys(scope);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the documentation's own text
  const call = new Function(...names, `return ${script}`) as (...values: unknown[]) => Promise<void>;
  await call(...names.map((name) => scope[name]));
}

describe.each(pages.filter((page) => examplesOf(page).length > 0))("%s", (page) => {
  test.each(examplesOf(page).map((code, index) => [index + 1, code] as const))("example %i compiles", (_, code) => {
    expect(complaints(code)).toEqual([]);
  });
});

test("the README's client talks to the README's server", async () => {
  const [clientExample = "", serverExample = ""] = examplesOf("README.md");
  let http: Server | undefined;
  await run(serverExample.replace("listen(5000)", "listen(0)"), {
    modules: {
      "node:http": { createServer: () => (http = createServer()) },
      "node:timers/promises": { setTimeout: () => Promise.resolve() },
      "hubwire/server": server,
    },
  });
  if (http === undefined) throw new Error("the server example made no HTTP server");
  if (!http.listening) await once(http, "listening");
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/chat`;

  let connection: client.HubConnection | undefined;
  class ObservedBuilder extends client.HubConnectionBuilder {
    override build<S, C>(): client.HubConnection<S, C> {
      return (connection = super.build<S, C>());
    }
  }
  const printed: unknown[] = [];
  await run(clientExample.replace("http://localhost:5000/chat", url), {
    modules: { hubwire: { HubConnectionBuilder: ObservedBuilder } },
    console: { log: (text: unknown) => printed.push(text) },
  });
  expect(printed).toEqual(["Welcome to the lobby.", "Ada: Hello"]);
  expect(connection?.state).toBe(client.HubConnectionState.Connected);
  await connection?.stop();
  http.closeAllConnections();
  await new Promise((done) => http?.close(done));
});
