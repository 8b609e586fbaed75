/** hubwire's client through a real nginx, with the settings that it comes with and with those that are documented for hubs. */
import { HttpTransportType, type IHttpConnectionOptions } from "../../../src/index.js";
import { type AspNetCoreServer, BUILD_AND_START_MS, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { stopAll } from "../../support/hub-server.js";
import { DEFAULT_SETTINGS, HUB_SETTINGS, startNginx } from "../../support/nginx.js";
import { describeWhen } from "../../support/requirements.js";
import type { StartedProgram } from "../../support/started-program.js";
import {} from "../../support/real-hub.js";
import { connectionTo, converse, WatchedHub, TRANSPORTS } from "../../support/watched-hub.js";

const programs: StartedProgram[] = [];

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  await stopAll();
});

/** The address of a hub as it is through nginx. */
async function through(settings: string, hubUrl: string): Promise<string> {
  const { origin, pathname } = new URL(hubUrl);
  const nginx = await startNginx(origin, settings);
  programs.push(nginx);
  return `http://127.0.0.1:${nginx.port}${pathname}`;
}

/** The address of two hubs that take turns, unless a cookie says which. */
async function balanced(sites: readonly WatchedHub[]): Promise<string> {
  const pool = sites.map(({ url }) => `server ${new URL(url).host};`).join(" ");
  const nginx = await startNginx(
    "http://$backend",
    `${HUB_SETTINGS} add_header Set-Cookie "affinity=$upstream_addr; Path=/; HttpOnly" always;`,
    `upstream pool { ${pool} } map $cookie_affinity $backend { default pool; "~." $cookie_affinity; }`,
  );
  programs.push(nginx);
  return `http://127.0.0.1:${nginx.port}/hub`;
}

/** Connects, talks, and tells what carried it. */
async function transportOf(url: string, options?: IHttpConnectionOptions): Promise<string | null> {
  const connection = connectionTo(url, options);
  await connection.start();
  const { transport } = connection;
  await converse(connection);
  await connection.stop();
  return transport;
}

describeWhen("nginx", "nginx in front of hubwire's server", () => {
  it.each(TRANSPORTS)("with the documented settings lets %s through", async (name, kinds) => {
    const site = await WatchedHub.start();
    const url = await through(HUB_SETTINGS, site.url);
    expect(await transportOf(url, { transport: HttpTransportType[name] })).toBe(name);
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
  });

  it("with the documented settings carries WebSockets, without being told which", async () => {
    const site = await WatchedHub.start();
    expect(await transportOf(await through(HUB_SETTINGS, site.url))).toBe("WebSockets");
  });

  it("as it comes lets no WebSocket through: Server-Sent Events do it, because the server asks nginx not to hold them back", async () => {
    const site = await WatchedHub.start();
    expect(await transportOf(await through(DEFAULT_SETTINGS, site.url))).toBe("ServerSentEvents");
  });

  it("as it comes carries Long Polling", async () => {
    const site = await WatchedHub.start();
    const options = { transport: HttpTransportType.LongPolling };
    expect(await transportOf(await through(DEFAULT_SETTINGS, site.url), options)).toBe("LongPolling");
  });

  it("that ignores what the server asks and holds streams back is found out: Long Polling does it", async () => {
    const site = await WatchedHub.start();
    const url = await through("proxy_ignore_headers X-Accel-Buffering;", site.url);
    expect(await transportOf(url, { connectTimeout: 4_500 })).toBe("LongPolling");
    expect(site.kinds).toEqual(expect.arrayContaining(["stream", "poll"]));
  });

  it("that ends quiet answers too early costs the connection, which comes back", async () => {
    const site = await WatchedHub.start();
    const url = await through("proxy_read_timeout 2s;", site.url);
    const connection = connectionTo(url, { transport: HttpTransportType.LongPolling });
    const closed = new Promise<unknown>((resolve) => connection.onclose(resolve));
    await connection.start();
    expect(await closed).toMatchObject({ name: "HttpError", statusCode: 504 });
    await connection.start();
    await connection.stop();
  });
});

describeWhen("nginx", "nginx in front of two servers, with a cookie for affinity", () => {
  it.each(TRANSPORTS)("brings every request of %s to the same one", async (name, kinds) => {
    const sites = [await WatchedHub.start(), await WatchedHub.start()];
    const url = await balanced(sites);
    // Many connections, so that both servers get some.
    for (let round = 0; round < 4; round++) {
      expect(await transportOf(url, { transport: HttpTransportType[name] })).toBe(name);
    }
    for (const site of sites) expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
  });

  it("leads nowhere without cookies", async () => {
    const url = await balanced([await WatchedHub.start(), await WatchedHub.start()]);
    const cookieJar = { getCookieString: () => "", setCookie: () => undefined };
    await expect(connectionTo(url, { cookieJar }).start()).rejects.toMatchObject({ name: "ConnectFailedError" });
  });
});

describeWhen("nginx", "nginx in front of ASP.NET Core", () => {
  describeWhen("dotnet", "a hub of ASP.NET Core", () => {
    let server: AspNetCoreServer | undefined;
    const hubUrl = () => `${server?.url}/contract`;
    beforeAll(async () => {
      server = await startAspNetCoreServer();
    }, BUILD_AND_START_MS);
    afterAll(() => server?.stop());

    it.each(TRANSPORTS)("with the documented settings lets %s through", async (name) => {
      const url = await through(HUB_SETTINGS, hubUrl());
      expect(await transportOf(url, { transport: HttpTransportType[name] })).toBe(name);
    });

    it("as it comes lets no WebSocket through and holds streams back: Long Polling does it", async () => {
      const url = await through(DEFAULT_SETTINGS, hubUrl());
      expect(await transportOf(url, { connectTimeout: 4_500 })).toBe("LongPolling");
    });
  });
});
