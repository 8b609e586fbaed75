// Serves the files of the demo page over plain HTTP, and finds a port for it.
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const DEFAULT_PORT = 5080;
/** The script-tag files that the page loads from the build, each with its source map. */
const SCRIPTS = ["signalr.min.js", "signalr-protocol-msgpack.min.js"];
const publicFolder = fileURLToPath(new URL("public", import.meta.url));
const scriptFolder = fileURLToPath(new URL("../dist/browser", import.meta.url));

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".map": "application/json",
  ".svg": "image/svg+xml",
};

const headers = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
};

/** Answers requests for these files and for nothing else. They are read now: a build may replace them while it runs. */
export function createPages() {
  const files = new Map(readdirSync(publicFolder).map((name) => [`/${name}`, load(publicFolder, name)]));
  for (const name of SCRIPTS.flatMap((script) => [script, `${script}.map`])) {
    files.set(`/${name}`, load(scriptFolder, name));
  }
  files.set("/", files.get("/index.html"));
  return (request, response) => {
    const file = files.get(request.url.split("?")[0]);
    if (file === undefined) return response.writeHead(404, headers).end("There is nothing here.");
    if (request.method !== "GET" && request.method !== "HEAD") return response.writeHead(405, headers).end();
    response.writeHead(200, { ...headers, "Content-Type": file.type });
    response.end(request.method === "HEAD" ? undefined : file.content);
  };
}

function load(folder, name) {
  return { type: types[path.extname(name)], content: readFileSync(path.join(folder, name)) };
}

/**
 * Makes the server listen. Without a port it takes the usual one, or any other if that is taken.
 * Returns the addresses to tell people, and the one under which this process reaches itself.
 */
export async function listen(server, { port, host = "127.0.0.1" }) {
  try {
    await bind(server, port ?? DEFAULT_PORT, host);
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw new Error(`Cannot listen on ${host}: ${error.message}`, { cause: error });
    if (port !== undefined) throw new Error(`Port ${port} is taken. Choose another one with --port.`, { cause: error });
    console.log(`Port ${DEFAULT_PORT} is taken, so the demo uses another one.`);
    await bind(server, 0, host);
  }
  const bound = server.address();
  const own = isEverywhere(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return {
    addresses: reachableNames(host, own).map((name) => `http://${name}:${bound.port}`),
    own: `http://${own}:${bound.port}`,
  };
}

async function bind(server, port, host) {
  server.listen(port, host);
  await once(server, "listening");
}

function isEverywhere(host) {
  return host === "0.0.0.0" || host === "::";
}

function reachableNames(host, own) {
  if (!isEverywhere(host)) return [own === "127.0.0.1" ? "localhost" : own];
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter(({ family, internal }) => family === "IPv4" && !internal);
  return ["localhost", ...outside.map(({ address }) => address)];
}
