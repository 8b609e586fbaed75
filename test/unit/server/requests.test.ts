/** What the server reads from requests: path, query, token, origin. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { accessTokenOf } from "../../../src/server/access-token.js";
import { isPreflight, OriginPolicy, preflightHeaders, type AllowedOrigins } from "../../../src/server/origin-policy.js";
import { normalizePath, parameterOf, pathOf, queryOf } from "../../../src/server/request-target.js";

function request(init: { url?: string; method?: string; headers?: Record<string, string> }): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { url: "/hub", method: "GET" }, init);
}

test.each([
  ["/Chat", "/chat"],
  ["/chat/", "/chat"],
  ["/chat?id=1", "/chat"],
  ["/chat/?a=/b/", "/chat"],
  ["/", ""],
  ["", ""],
  ["/chat//", "/chat/"],
  ["/a/../chat", "/a/../chat"],
  ["/%63hat", "/%63hat"],
  ["http://host/chat", "http://host/chat"],
])("path of %s", (url, path) => {
  expect(pathOf(url)).toBe(path);
});

test("a missing url has neither path nor query", () => {
  expect(pathOf(undefined)).toBe(normalizePath("/"));
  expect([...queryOf(undefined)]).toEqual([]);
});

test.each([
  ["?id=a", "a"],
  ["?ID=a&x=b", "a"],
  ["?id=a&id=b", "a,b"],
  ["?id=a&Id=a", "a,a"],
  ["?id=", ""],
  ["?id", ""],
  ["?id=a%2Bb+c", "a+b c"],
  ["?xid=a", undefined],
  ["", undefined],
])("id in %s", (query, id) => {
  expect(parameterOf(queryOf(`/hub${query}`), "id")).toBe(id);
});

test.each([
  [{ authorization: "Bearer abc" }, "", "abc"],
  [{ authorization: "bearer  abc.d-e_f~+/= " }, "", "abc.d-e_f~+/="],
  [{ authorization: "Bearer abc" }, "?access_token=other", "abc"],
  [{ authorization: "Basic abc" }, "", undefined],
  [{ authorization: "Bearer" }, "", undefined],
  [{ authorization: "Bearer a b" }, "", undefined],
  [{}, "?access_token=a%20b", "a b"],
  [{}, "?access_token=", undefined],
  [{}, "", undefined],
])("token of %j%s", (headers, query, token) => {
  expect(accessTokenOf(request({ url: `/hub${query}`, headers }))).toBe(token);
});

describe("origins", () => {
  function check(allowed: AllowedOrigins, headers: Record<string, string>) {
    return new OriginPolicy(allowed).check(request({ headers }));
  }

  test.each([
    [{ host: "a.example" }],
    [{ host: "a.example", origin: "https://a.example" }],
    [{ host: "A.example:443", origin: "https://a.example" }],
    [{ host: "a.example:80", origin: "http://a.example" }],
    [{ host: "localhost:5000", origin: "http://localhost:5000" }],
    [{ host: "[::1]:5000", origin: "http://[::1]:5000" }],
  ])("%j may connect", (headers) => {
    const verdict = check([], headers);
    expect(verdict.allowed).toBe(true);
    expect(verdict.headers).not.toHaveProperty("Access-Control-Allow-Origin");
  });

  test.each([
    [{ host: "a.example", origin: "https://b.example" }],
    [{ host: "a.example", origin: "https://a.example.evil.example" }],
    [{ host: "a.example", origin: "https://a.example:8443" }],
    [{ host: "localhost:5000", origin: "http://localhost:5001" }],
    [{ host: "a.example", origin: "null" }],
    [{ host: "a.example", origin: "" }],
    [{ host: "a.example", origin: "a.example" }],
    [{ host: "", origin: "file://" }],
    [{ origin: "https://a.example" }],
    [{ host: "a.example", "sec-websocket-origin": "https://b.example" }],
  ])("%j may not", (headers) => {
    expect(check([], headers as unknown as Record<string, string>).allowed).toBe(false);
  });

  const foreign = { host: "a.example", origin: "https://b.example" };

  test("that are listed may, with credentials", () => {
    expect(check(["https://b.example"], foreign)).toEqual({
      allowed: true,
      headers: {
        "Access-Control-Allow-Origin": "https://b.example",
        "Access-Control-Allow-Credentials": "true",
        Vary: "Origin",
      },
    });
    expect(check(["https://B.example", "https://c.example"], foreign).allowed).toBe(false);
  });

  test("are asked about with the request", () => {
    const asked: unknown[] = [];
    const verdict = check((origin, { url }) => asked.push(origin, url) > 0, foreign);
    expect(asked).toEqual(["https://b.example", "/hub"]);
    expect(verdict.headers).toMatchObject({ "Access-Control-Allow-Origin": "https://b.example" });
    expect(check(() => false, foreign).allowed).toBe(false);
  });

  test("of any kind may without credentials", () => {
    expect(check("*", foreign)).toEqual({ allowed: true, headers: { "Access-Control-Allow-Origin": "*" } });
  });
});

test("a preflight is an OPTIONS request that asks for a method", () => {
  const headers = { "access-control-request-method": "POST" };
  expect(isPreflight(request({ method: "OPTIONS", headers }))).toBe(true);
  expect(isPreflight(request({ method: "OPTIONS" }))).toBe(false);
  expect(isPreflight(request({ method: "POST", headers }))).toBe(false);
});

test("a preflight's answer allows what the official client sends, or what was asked for", () => {
  const allowed = preflightHeaders(request({}))["Access-Control-Allow-Headers"];
  for (const name of ["Authorization", "Content-Type", "X-Requested-With", "X-SignalR-User-Agent"]) {
    expect(allowed).toContain(name);
  }
  const headers = { "access-control-request-headers": "x-mine" };
  expect(preflightHeaders(request({ headers }))["Access-Control-Allow-Headers"]).toBe("x-mine");
});
