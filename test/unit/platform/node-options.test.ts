/** The options that only Node's client knows: what is refused at once, and what becomes of agents and WebSocket settings. */
import { once } from "node:events";
import * as http from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import {
  HttpTransportType,
  HubConnectionBuilder,
  InvalidArgumentError,
  type IHttpConnectionOptions,
} from "../../../src/index.js";
import { HubConnectionBuilder as BrowserBuilder } from "../../../src/index.browser.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { createNodeNetwork } from "../../../src/platform/node/node-platform.js";
import type { NetworkOptions } from "../../../src/platform/platform.js";
import { connectionTo, converse, WatchedHub, TRANSPORTS } from "../../support/watched-hub.js";
import { stopAll } from "../../support/hub-server.js";
import { LocalServer } from "./local-server.js";

afterEach(stopAll);

const agent = new http.Agent();
const jar = { getCookieString: () => "", setCookie: () => undefined };

/** As a program in JavaScript passes them. */
function build(options: Readonly<Record<string, unknown>>): unknown {
  return new HubConnectionBuilder().withUrl("http://h/", options as IHttpConnectionOptions).build();
}

describe("options for Node", () => {
  it.each([
    ["cookieJar", {}],
    ["cookieJar", { getCookieString: () => "" }],
    ["httpAgent", {}],
    ["httpAgent", { dispatch: () => true }],
    ["proxy", "proxy.example"],
    ["proxy", true],
    ["proxy", "socks5://SECRET@proxy.example:1080"],
    ["proxy", "http://user:SEC/RET@proxy.example:1080"],
    ["tls", "certificate"],
    ["webSocketOptions", 1],
  ])("names a wrong %s", (name, value) => {
    expect(() => build({ [name]: value })).toThrow(new InvalidArgumentError(`The option '${name}' has a wrong value.`));
  });

  it("takes what is right, and what is left out", () => {
    build({ cookieJar: jar, httpAgent: agent, proxy: false, tls: {}, webSocketOptions: {} });
    build({ httpAgent: () => agent, proxy: undefined });
    build({ httpAgent: null, proxy: "http://user:password@proxy.example:3128", tls: null });
    build({ cookieJar: undefined, webSocketOptions: null });
  });

  it("wants either an agent or a proxy", () => {
    const both = { httpAgent: agent, proxy: "http://proxy.example" };
    expect(() => build(both)).toThrow("The options 'httpAgent' and 'proxy' exclude each other.");
  });

  it("are nothing to a browser", () => {
    const options = { cookieJar: 1, httpAgent: 1, proxy: 1, tls: 1, webSocketOptions: 1 } as unknown;
    new BrowserBuilder().withUrl("http://h/", options as IHttpConnectionOptions).build();
  });
});

describe("the httpAgent option", () => {
  it.each(TRANSPORTS)("makes the connections of every request of %s, and stays", async (name, kinds) => {
    const site = await WatchedHub.start();
    const shared = new http.Agent({ keepAlive: true });
    let created = 0;
    const createConnection = shared.createConnection.bind(shared);
    shared.createConnection = (...args) => {
      created++;
      return createConnection(...args);
    };
    const destroy = jest.spyOn(shared, "destroy");
    const asked: string[] = [];
    const httpAgent = (url: string) => {
      asked.push(new URL(url).protocol);
      return shared;
    };
    for (const given of [shared, httpAgent]) {
      const connection = connectionTo(site.url, { httpAgent: given, transport: HttpTransportType[name] });
      await connection.start();
      await converse(connection);
      await connection.stop();
    }
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
    expect(new Set(site.requests.map(({ port }) => port)).size).toBe(created);
    expect(destroy).not.toHaveBeenCalled();
    expect(new Set(asked)).toEqual(new Set(name === "WebSockets" ? ["http:", "ws:"] : ["http:"]));
    // Nothing of ours is left in it but connections that anybody may use.
    expect(Object.values(shared.sockets).flat()).toEqual([]);
    shared.destroy();
  });

  it("that is a function has to give an agent", async () => {
    const connection = connectionTo("http://127.0.0.1:1/hub", { httpAgent: () => ({}) as http.Agent });
    await expect(connection.start()).rejects.toMatchObject({
      name: "InvalidArgumentError",
      message: "The function in the option 'httpAgent' gave no agent.",
    });
    const failing = () => {
      throw new Error("no agent today");
    };
    const direct = { skipNegotiation: true, transport: HttpTransportType.WebSockets, httpAgent: failing };
    await expect(connectionTo("http://127.0.0.1:1/hub", direct).start()).rejects.toMatchObject({
      attempts: [{ cause: { message: "no agent today" } }],
    });
  });

  it("may hold several dead connections: each is tried once, then there is a fresh one", async () => {
    const server = await LocalServer.start();
    const keeping = new http.Agent({ keepAlive: true });
    const { http: client, dispose } = await createNodeNetwork({ httpAgent: keeping });
    await Promise.all([1, 2, 3].map(() => client.send({ method: "GET", url: server.url() })));
    expect(server.connections).toBe(3);
    // They die when they are used next.
    server.server.prependListener("request", function kill(request: http.IncomingMessage) {
      if (server.connections > 3) server.server.off("request", kill);
      else request.socket.resetAndDestroy();
    });
    await client.send({ method: "GET", url: server.url() });
    expect(server.connections).toBe(4);
    dispose?.();
    keeping.destroy();
    await server.close();
  });
});

describe("the webSocketOptions option", () => {
  async function open(options: NetworkOptions["webSocketOptions"]) {
    const server = await LocalServer.start();
    const webSockets = new WebSocketServer({ server: server.server, perMessageDeflate: true });
    const accepted = once(webSockets, "connection") as Promise<[WebSocket, http.IncomingMessage]>;
    const { openSocket } = await createNodeNetwork({
      headers: { "X-A": "1" },
      ...(options && { webSocketOptions: options }),
    });
    let onClose: (cause: unknown) => void = () => undefined;
    const closed = new Promise<unknown>((resolve) => (onClose = resolve));
    const target = { url: server.url(), token: new AccessToken(undefined) };
    const listener = {
      onData: () => undefined,
      onClosed: (error?: Error) => onClose(error?.cause),
    };
    openSocket?.(target, () => undefined, listener);
    const [socket, request] = await accepted;
    const end = async () => {
      socket.terminate();
      await closed;
      await server.close();
    };
    return { socket, request, closed, end };
  }

  it("can switch compression on, which is off by default", async () => {
    const plain = await open(undefined);
    expect(plain.socket.extensions).toBe("");
    await plain.end();
    const compressed = await open({ perMessageDeflate: true });
    expect(compressed.socket.extensions).toMatch(/permessage-deflate/);
    await compressed.end();
  });

  it("can limit messages and name an origin, and does not take hubwire's own headers away", async () => {
    const more = { maxPayload: 10, origin: "https://app.example", headers: { "X-B": "2" } };
    const { socket, request, closed, end } = await open(more);
    expect(request.headers).toMatchObject({ origin: "https://app.example", "x-a": "1" });
    socket.send("12345678901");
    expect(await closed).toMatchObject({ name: "LimitError", limit: "maximumFrameSize" });
    await end();
  });

  it("cannot have an upgrade follow redirects, to where its cookies and its agent do not belong", async () => {
    const [first, second] = [await LocalServer.start(), await LocalServer.start()];
    const followed = jest.fn();
    first.server.on("upgrade", (_request, socket) => {
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${second.url("/")}\r\nContent-Length: 0\r\n\r\n`);
    });
    second.server.on("upgrade", (request: http.IncomingMessage, socket) => {
      followed(request.headers.cookie);
      socket.end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    });
    const webSocketOptions = { followRedirects: true } as object;
    const { openSocket } = await createNodeNetwork({ webSocketOptions, headers: { Cookie: "secret=1" } });
    const cause = await new Promise<unknown>((resolve) => {
      const target = { url: first.url(), token: new AccessToken(undefined) };
      const onClosed = (error?: Error) => resolve(error?.cause);
      openSocket?.(target, () => undefined, { onData: () => undefined, onClosed });
    });
    expect(cause).toMatchObject({ statusCode: 302 });
    expect(followed).not.toHaveBeenCalled();
    await first.close();
    await second.close();
  });
});
