/** What the official client gets wrong about requests in Node, seen from a server. The numbers are those of the project's list of gaps, section A. */
import { HttpTransportType } from "../../src/index.js";
import { connectionTo, WatchedHub, TRANSPORTS } from "../support/watched-hub.js";
import { stopAll } from "../support/hub-server.js";

afterEach(stopAll);

test.each(TRANSPORTS)(
  "over %s cookies go back as name and value, with every request (GAPS 26)",
  async (name, kinds) => {
    const site = await WatchedHub.start();
    site.setCookies = { negotiate: ["aff=1; Path=/; HttpOnly; SameSite=Lax", "gone=1; Max-Age=0"] };
    const connection = connectionTo(site.url, { transport: HttpTransportType[name] });
    await connection.start();
    await connection.invoke("Nothing");
    await connection.stop();
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
    for (const { kind, headers } of site.requests.slice(1)) expect([kind, headers.cookie]).toEqual([kind, "aff=1"]);
  },
);

test("cookies are kept from one start to the next, and each connection has its own (GAPS 26)", async () => {
  const site = await WatchedHub.start();
  site.setCookies = { negotiate: ["aff=1; Path=/"] };
  const connection = connectionTo(site.url);
  for (let round = 0; round < 2; round++) {
    await connection.start();
    await connection.stop();
  }
  const other = connectionTo(site.url);
  await other.start();
  await other.stop();
  const [first, again] = [["negotiate", undefined], ["negotiate", "aff=1"]]; // prettier-ignore
  const upgrade = ["upgrade", "aff=1"];
  const seen = site.requests.map(({ kind, headers }) => [kind, headers.cookie]);
  expect(seen).toEqual([first, upgrade, again, upgrade, first, upgrade]);
});

test.each(TRANSPORTS)("over %s every request says that it is no page and who calls (GAPS 27)", async (name, kinds) => {
  const site = await WatchedHub.start();
  const connection = connectionTo(site.url, { transport: HttpTransportType[name], headers: { "X-App": "mine" } });
  await connection.start();
  await connection.invoke("Nothing");
  await connection.stop();
  expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
  for (const { headers } of site.requests) {
    expect(headers).toMatchObject({ "x-requested-with": "XMLHttpRequest", "x-app": "mine" });
    expect(headers["user-agent"]).toMatch(/^Microsoft SignalR\/\d+\.\d+ \(.*; NodeJS; .*\)$/);
  }
});

test.each(TRANSPORTS)(
  "over %s the token is in a header of every request, and in no URL (GAPS 28)",
  async (name, kinds) => {
    const site = await WatchedHub.start();
    const options = { transport: HttpTransportType[name], accessTokenFactory: () => "good-secret" };
    const connection = connectionTo(site.url, options);
    await connection.start();
    await connection.invoke("Nothing");
    await connection.stop();
    expect(site.kinds).toEqual(expect.arrayContaining([...kinds]));
    for (const { headers, url } of site.requests) {
      expect(headers.authorization).toBe("Bearer good-secret");
      expect(url).not.toMatch(/secret|access_token/);
    }
  },
);
