/** hubwire's client behind a real forward proxy: every kind of request goes through it, and a proxy that refuses is named. */
import { createServer, type Socket } from "node:net";
import { HttpTransportType, ProxyError, type IHttpConnectionOptions } from "../../../src/index.js";
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { createNodeNetwork } from "../../../src/platform/node/node-platform.js";
import { makeCertificates } from "../../support/certificates.js";
import { ForwardProxy, type ForwardProxyRules } from "../../support/forward-proxy.js";
import { stopAll } from "../../support/hub-server.js";
import { describeWhen } from "../../support/requirements.js";
import { freePort } from "../../support/started-program.js";
import { connectionTo, converse, WatchedHub, TRANSPORTS } from "../../support/watched-hub.js";
import { rejectionOf } from "../../support/witness.js";

const SECRET = "p%61ss-TOPSECRET"; // as in a URL
const CREDENTIALS = ["user", "pass-TOPSECRET"] as const;
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

const proxies: ForwardProxy[] = [];
const environment = new Map<string, string | undefined>();

async function startProxy(rules?: ForwardProxyRules): Promise<ForwardProxy> {
  const proxy = await ForwardProxy.start(rules);
  proxies.push(proxy);
  return proxy;
}

/** What a request of each kind looks like in the proxy's log when it leads to the hub at this address. */
function inLog(url: string): Record<string, RegExp> {
  const { host, protocol } = new URL(url);
  const tunnel = new RegExp(`^CONNECT ${host}$`);
  const plain = (method: string, path: string) => new RegExp(`^${method} http://${host}/hub${path}`);
  if (protocol === "https:") {
    return { negotiate: tunnel, upgrade: tunnel, stream: tunnel, poll: tunnel, post: tunnel, delete: tunnel };
  }
  return {
    negotiate: plain("POST", "/negotiate\\?"),
    upgrade: tunnel,
    stream: plain("GET", "\\?id="),
    poll: plain("GET", "\\?id="),
    post: plain("POST", "\\?id="),
    delete: plain("DELETE", "\\?id="),
  };
}

beforeEach(() => {
  for (const name of VARIABLES.flatMap((upper) => [upper, upper.toLowerCase()])) {
    environment.set(name, process.env[name]);
    Reflect.deleteProperty(process.env, name);
  }
});
afterEach(async () => {
  for (const [name, value] of environment) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  for (const proxy of proxies.splice(0)) await proxy.stop();
  await stopAll();
});

describeWhen("tinyproxy", "a forward proxy", () => {
  it.each(TRANSPORTS)("carries every request of %s to an http: hub", async (name, kinds) => {
    const [proxy, site] = [await startProxy(), await WatchedHub.start()];
    const connection = connectionTo(site.url, { proxy: proxy.url(), transport: HttpTransportType[name] });
    await connection.start();
    expect(connection.transport).toBe(name);
    await converse(connection);
    await connection.stop();
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
    const [log, requests] = [inLog(site.url), await proxy.requests()];
    for (const kind of kinds) expect(requests).toContainEqual(expect.stringMatching(log[kind] ?? "none"));
    // Nothing went past it.
    for (const { headers } of site.requests) expect(headers).toHaveProperty("host", new URL(site.url).host);
    expect(requests.length).toBeGreaterThanOrEqual(site.requests.length);
  });

  it("carries bytes as they are", async () => {
    const [proxy, site] = [await startProxy(), await WatchedHub.start()];
    const options = { proxy: proxy.url(), transport: HttpTransportType.LongPolling };
    const connection = connectionTo(site.url, options, [], new MessagePackHubProtocol());
    await connection.start();
    await converse(connection);
    await connection.stop();
  });

  it("carries the DELETE of Long Polling", async () => {
    const [proxy, site] = [await startProxy(), await WatchedHub.start()];
    const { http, dispose } = await createNodeNetwork({ proxy: proxy.url() });
    await expect(http.send({ method: "DELETE", url: `${site.url}?id=nobody` })).rejects.toMatchObject({
      name: "HttpError",
      statusCode: 404,
    });
    expect(site.kinds).toEqual(["delete"]);
    expect(await proxy.requests()).toEqual([expect.stringMatching(inLog(site.url)["delete"] ?? "none")]);
    dispose?.();
  });

  it("gets user name and password, which no log and no error shows", async () => {
    const [proxy, site] = [await startProxy({ credentials: CREDENTIALS }), await WatchedHub.start()];
    const logged: string[] = [];
    const options = {
      proxy: proxy.url(`user:${SECRET}`),
      logger: { log: (_: number, text: string) => void logged.push(text) },
    };
    const connection = connectionTo(site.url, options);
    await connection.start();
    await converse(connection);
    await connection.stop();
    expect(site.kinds).toEqual(["negotiate", "upgrade"]);
    for (const { headers } of site.requests) expect(headers).not.toHaveProperty("proxy-authorization");
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join("\n")).not.toMatch(/SECRET|user:/);

    const port = await freePort();
    const lost = await rejectionOf(
      connectionTo(site.url, { proxy: `http://user:${SECRET}@127.0.0.1:${port}` }).start(),
    );
    expect(lost).toMatchObject({ name: "ProxyError", code: "proxy-failed", statusCode: undefined });
    const { cause, message } = lost as ProxyError;
    expect(cause).toMatchObject({ code: "ECONNREFUSED" });
    expect(message).toBe(
      `The proxy http://127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it("that wants other credentials is named", async () => {
    const [proxy, site] = [await startProxy({ credentials: CREDENTIALS }), await WatchedHub.start()];
    const error = await rejectionOf(connectionTo(site.url, { proxy: proxy.url() }).start());
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: "proxy-failed", statusCode: 407 });
    expect((error as Error).message).toContain(`The proxy ${proxy.url()} answered 407`);
    const direct = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    // This proxy says 401 of credentials that are wrong.
    for (const [credentials, statusCode] of [
      ["", 407],
      ["user:wrong", 401],
    ] as const) {
      expect(
        await rejectionOf(connectionTo(site.url, { proxy: proxy.url(credentials), ...direct }).start()),
      ).toMatchObject({
        name: "ConnectFailedError",
        attempts: [{ transport: "WebSockets", cause: { name: "ProxyError", statusCode } }],
      });
    }
    expect(site.requests).toEqual([]);
  });

  it("that allows no tunnel leaves Server-Sent Events", async () => {
    const [proxy, site] = [await startProxy({ connectPort: 443 }), await WatchedHub.start()];
    const connection = connectionTo(site.url, { proxy: proxy.url() });
    await connection.start();
    expect(connection.transport).toBe("ServerSentEvents");
    await converse(connection);
    await connection.stop();
    const { transport } = { transport: HttpTransportType.WebSockets };
    expect(await rejectionOf(connectionTo(site.url, { proxy: proxy.url(), transport }).start())).toMatchObject({
      attempts: [
        { transport: "WebSockets", code: "transport-failed", cause: { name: "ProxyError", statusCode: 403 } },
        { code: "transport-skipped" },
        { code: "transport-skipped" },
      ],
    });
  });

  it("that cannot reach the hub is told from the hub where a tunnel is needed", async () => {
    const proxy = await startProxy();
    const options = { proxy: proxy.url() };
    const secure = await rejectionOf(connectionTo(`https://127.0.0.1:${await freePort()}/hub`, options).start());
    expect(secure).toMatchObject({ name: "ProxyError", statusCode: 500 });
    // Of a request in plain text nobody can say whose answer it is.
    const plain = await rejectionOf(connectionTo(`http://127.0.0.1:${await freePort()}/hub`, options).start());
    expect(plain).toMatchObject({ name: "HttpError", statusCode: 500 });
  });

  describe("in the environment", () => {
    async function goesThrough(
      proxy: ForwardProxy,
      site: WatchedHub,
      options?: IHttpConnectionOptions,
    ): Promise<boolean> {
      const [before, requests] = [await proxy.requests(), site.requests.length];
      const connection = connectionTo(site.url, options);
      await connection.start();
      await connection.stop();
      expect(site.requests.length).toBe(requests + 2);
      return (await proxy.requests()).length > before.length;
    }

    it("is found, in capitals and in small letters", async () => {
      const [proxy, site] = [await startProxy(), await WatchedHub.start()];
      expect(await goesThrough(proxy, site)).toBe(false);
      for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
        process.env[name] = proxy.url();
        expect([name, await goesThrough(proxy, site)]).toEqual([name, true]);
        Reflect.deleteProperty(process.env, name);
      }
      process.env["HTTPS_PROXY"] = proxy.url();
      expect(await goesThrough(proxy, site)).toBe(false);
    });

    it("is left alone for the hosts in NO_PROXY", async () => {
      const [proxy, site] = [await startProxy(), await WatchedHub.start()];
      process.env["HTTP_PROXY"] = proxy.url();
      process.env["NO_PROXY"] = "other.example, 127.0.0.1";
      expect(await goesThrough(proxy, site)).toBe(false);
      process.env["NO_PROXY"] = `127.0.0.1:${new URL(proxy.url()).port}`;
      expect(await goesThrough(proxy, site)).toBe(true);
    });

    it("is overruled by the options", async () => {
      const [proxy, other, site] = [await startProxy(), await startProxy(), await WatchedHub.start()];
      process.env["HTTP_PROXY"] = proxy.url();
      expect(await goesThrough(proxy, site, { proxy: false })).toBe(false);
      process.env["NO_PROXY"] = "*";
      expect(await goesThrough(other, site, { proxy: other.url() })).toBe(true);
      expect(await proxy.requests()).toEqual([]);
    });
  });
});

describeWhen("tinyproxy", "a forward proxy in front of TLS", () => {
  describeWhen("openssl", "with certificates of our own", () => {
    it.each(TRANSPORTS)("carries every request of %s through tunnels", async (name, kinds) => {
      const { ca, client, server } = await makeCertificates();
      const [proxy, site] = [await startProxy(), await WatchedHub.start({ ...server, ca, requestCert: true })];
      const tls = { ca, ...client };
      const transport = HttpTransportType[name];
      const connection = connectionTo(site.url, { proxy: proxy.url(), tls, transport });
      await connection.start();
      expect(connection.transport).toBe(name);
      await converse(connection);
      await connection.stop();
      expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
      expect(new Set(site.requests.map((request) => request.client))).toEqual(new Set(["hubwire client"]));
      const tunnels = await proxy.requests();
      // The proxy sees no more than where to, and what follows a negotiation shares its tunnel.
      expect(new Set(tunnels)).toEqual(new Set([`CONNECT ${new URL(site.url).host}`]));
      expect(tunnels.length).toBeLessThan(name === "WebSockets" ? 2 : 5);
    });
  });
});

describe("a proxy that does not answer", () => {
  it("is dropped with the attempt, and leaves nothing behind", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.resume();
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const proxy = `http://127.0.0.1:${port}`;
    const direct = { skipNegotiation: true, transport: HttpTransportType.WebSockets };
    for (const connection of [
      connectionTo("https://hub.example/hub", { proxy }),
      connectionTo("http://hub.example/hub", { proxy }),
      connectionTo("http://hub.example/hub", { proxy, ...direct }),
      connectionTo("https://hub.example/hub", { proxy, ...direct }),
    ]) {
      const reached = new Promise<Socket>((resolve) => silent.once("connection", resolve));
      const starting = rejectionOf(connection.start());
      const closed = new Promise((resolve) => void reached.then((socket) => socket.once("close", resolve)));
      await reached;
      await connection.stop();
      expect(await starting).toMatchObject({ name: "AbortError" });
      await closed;
    }
    expect(sockets.size).toBe(0);
    await new Promise((resolve) => silent.close(resolve));
  });
});
