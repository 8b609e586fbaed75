/**
 * Refreshing the authentication behind a redirect, on the real server: hubs of .NET 10 know nothing of it, so the test server answers
 * negotiation and refresh itself, as a service of .NET 11 does (DOTNET11 §1.10); everything else is ASP.NET Core.
 */
import { HttpTransportType, type AccessTokenContext } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf } from "../../support/witness.js";

describeWhen("dotnet", "authentication refresh on ASP.NET Core", () => {
  const hub = new RealHub();

  test.each(["WebSockets", "ServerSentEvents", "LongPolling"] as const)(
    "%s: the application's token goes to the hub's own address in time, and the one that comes back is used from then on",
    async (name) => {
      const marker = hub.newMarker();
      const accessTokenFactory = ({ reason }: AccessTokenContext) => `good-${reason}`;
      const options = { accessTokenFactory, transport: HttpTransportType[name] };
      const builder = hub.builder(`/refreshing?marker=${marker}`, options).withAuthenticationRefresh();
      const connection = await hub.connect(builder);
      const refreshed = await new Promise((resolve) => connection.onAuthenticationRefreshed(resolve));
      expect(refreshed).toMatchObject({ newTokenLifetimeInSeconds: 3_600 });
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      const requests = await hub.server.requests(marker);
      const position = requests.findIndex(({ path }) => path === "/refreshing/refresh");
      const before = requests.slice(2, position);
      expect(requests[position]).toMatchObject({
        method: "POST",
        headers: { authorization: "Bearer good-refresh", "content-length": "0" },
        query: { id: before[0]?.query["id"] },
      });
      expect(before.map(({ path }) => path)).toEqual(before.map(() => "/secure"));
      expect(new Set(before.map(({ accessToken }) => accessToken))).toEqual(new Set(["good-redirected"]));
      const after = requests.slice(position + 1);
      expect(after.map(({ accessToken }) => accessToken)).toEqual(after.map(() => "good-refreshed"));
      expect(after.length > 0).toBe(name !== "WebSockets");
    },
  );

  test("a refused refresh changes nothing, and no token or id is shown", async () => {
    const marker = hub.newMarker();
    let token = "good-own";
    const transport = HttpTransportType.LongPolling;
    const options = { accessTokenFactory: () => token, transport };
    const connection = await hub.connect(hub.builder(`/refreshing?marker=${marker}`, options));
    const errors: Error[] = [];
    for (token of ["good-eve", "TOPSECRET"]) errors.push(await failureOf(connection.refreshAuthentication()));
    expect(errors).toMatchObject([{ statusCode: 403 }, { statusCode: 401 }]);
    await expect(connection.invoke("WhoAmI")).resolves.toBe("redirected");
    const requests = await hub.server.requests(marker);
    expect(requests.at(-1)).toMatchObject({ path: "/secure", accessToken: "good-redirected" });
    const id = requests.at(-1)?.query["id"] ?? "";
    const text = [...hub.logged, ...errors.map(String)].join("\n");
    for (const secret of ["TOPSECRET", "good-eve", "good-redirected", id]) expect(text).not.toContain(secret);
  });

  test("a hub of .NET 10 has no refresh, and the connection lives on", async () => {
    const accessTokenFactory = () => "good-ada";
    const connection = await hub.connect(hub.builder("/secure", { accessTokenFactory }).withAuthenticationRefresh());
    expect(await failureOf(connection.refreshAuthentication())).toMatchObject({ statusCode: 404 });
    await expect(connection.invoke("WhoAmI")).resolves.toBe("ada");
  });
});
