/** The negotiation: what is asked, and what is made of the answers (TRANSPORTS §1). */
import { negotiate, negotiateUrl } from "../../../src/client/negotiator.js";
import { NegotiationError } from "../../../src/errors/connection-errors.js";
import { AbortError, HttpError, TimeoutError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { ScriptedHttpClient, type Answer } from "../http/scripted-http-client.js";

const availableTransports = [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }];
const answer = { negotiateVersion: 1, connectionId: "public", connectionToken: "secret", availableTransports };

interface Asking {
  url?: string;
  factory?: () => string;
  wantsStatefulReconnect?: boolean;
}

function ask(answers: Answer[], { url = "http://h/chat", factory, ...wish }: Asking = {}) {
  const http = new ScriptedHttpClient(...answers);
  const token = new AccessToken(factory);
  const context = { http, token, headers: { "X-A": "1" }, timeout: 500, withCredentials: false, ...wish };
  const { signal } = new AbortController();
  return { http, token, negotiation: negotiate(url, context, signal) };
}

describe("negotiateUrl", () => {
  it.each([
    ["http://h/chat", "http://h/chat/negotiate?negotiateVersion=1"],
    ["http://h/chat/", "http://h/chat/negotiate?negotiateVersion=1"],
    ["http://h/", "http://h/negotiate?negotiateVersion=1"],
    ["http://h/chat?q=my/Data", "http://h/chat/negotiate?q=my/Data&negotiateVersion=1"],
    ["http://h/chat/?q=1", "http://h/chat/negotiate?q=1&negotiateVersion=1"],
    ["http://h/chat?negotiateVersion=0", "http://h/chat/negotiate?negotiateVersion=0"],
    ["http://h/chat?a=1&NegotiateVersion=42", "http://h/chat/negotiate?a=1&NegotiateVersion=42"],
    ["http://h/chat?myNegotiateVersion=42", "http://h/chat/negotiate?myNegotiateVersion=42&negotiateVersion=1"],
  ])("of %s is %s", (url, expected) => {
    expect(negotiateUrl(url)).toBe(expected);
  });

  it.each([
    ["http://h/chat", "http://h/chat/negotiate?negotiateVersion=1&useStatefulReconnect=true"],
    ["http://h/chat?a=1", "http://h/chat/negotiate?a=1&negotiateVersion=1&useStatefulReconnect=true"],
    [
      "http://h/chat?useStatefulReconnect=false",
      "http://h/chat/negotiate?useStatefulReconnect=false&negotiateVersion=1",
    ],
    ["http://h/chat?UseStatefulReconnect=x", "http://h/chat/negotiate?UseStatefulReconnect=x&negotiateVersion=1"],
  ])("of %s with stateful reconnect is %s", (url, expected) => {
    expect(negotiateUrl(url, true)).toBe(expected);
  });
});

describe("negotiate", () => {
  it("posts nothing, with the connection's headers, timeout and signal", async () => {
    const { http, negotiation } = ask([answer], { factory: () => "t" });
    await negotiation;
    expect(http.requests).toEqual([
      {
        method: "POST",
        url: "http://h/chat/negotiate?negotiateVersion=1",
        content: "",
        headers: { "X-A": "1", Authorization: "Bearer t" },
        timeout: 500,
        withCredentials: false,
        abortSignal: expect.any(AbortSignal),
      },
    ]);
  });

  it("reads version 1", async () => {
    await expect(ask([{ ...answer, somethingNew: 1 }]).negotiation).resolves.toEqual({
      url: "http://h/chat",
      connectionId: "public",
      connectionToken: "secret",
      availableTransports,
    });
  });

  it.each([0, undefined])("takes the id for the token in version %p", async (negotiateVersion) => {
    await expect(ask([{ ...answer, negotiateVersion }]).negotiation).resolves.toMatchObject({
      connectionId: "public",
      connectionToken: "public",
    });
  });

  it("accepts every 2xx (GAPS 46)", async () => {
    await expect(ask([new HttpResponse(201, "Created", JSON.stringify(answer))]).negotiation).resolves.toBeDefined();
  });

  it("keeps transports that it does not know", async () => {
    const offered = [{ transport: "Pigeons", transferFormats: [] }];
    const { negotiation } = ask([{ ...answer, availableTransports: offered }]);
    await expect(negotiation).resolves.toMatchObject({ availableTransports: offered });
  });

  it("rejects with exactly the server's error", async () => {
    const { negotiation } = ask([{ error: "Not today." }]);
    await expect(negotiation).rejects.toEqual(new NegotiationError("Not today."));
  });

  it("names a classic SignalR server", async () => {
    const classic = { Url: "/signalr", ConnectionToken: "t", ProtocolVersion: "1.5" };
    await expect(ask([classic]).negotiation).rejects.toThrow(/classic ASP\.NET SignalR/);
  });

  it.each(["", "?useStatefulReconnect=false", "?useStatefulReconnect=TRUE", "?notuseStatefulReconnect=true"])(
    "refuses stateful reconnect that nobody asked for (%p)",
    async (query) => {
      const url = `http://h/chat${query}`;
      const granted = { ...answer, useStatefulReconnect: true };
      await expect(ask([granted], { url }).negotiation).rejects.toThrow(/stateful reconnect/);
      await expect(ask([answer], { url }).negotiation).resolves.not.toHaveProperty("statefulReconnect");
    },
  );

  it("reads what the server grants, and whether it counts every message", async () => {
    const granted = { ...answer, useStatefulReconnect: true };
    const url = "http://h/chat?useStatefulReconnect=true";
    await expect(ask([granted], { url }).negotiation).resolves.toMatchObject({ statefulReconnect: { isExact: false } });
    await expect(ask([granted], { wantsStatefulReconnect: true }).negotiation).resolves.toMatchObject({
      statefulReconnect: { isExact: false },
    });
    const exact = ask([{ ...granted, countsEveryMessage: true }], { wantsStatefulReconnect: true });
    await expect(exact.negotiation).resolves.toMatchObject({ statefulReconnect: { isExact: true } });
    const refused = ask([{ ...answer, countsEveryMessage: true }], { wantsStatefulReconnect: true });
    await expect(refused.negotiation).resolves.not.toHaveProperty("statefulReconnect");
  });

  it.each([
    ["no JSON", new HttpResponse(200, "OK", "<html>token=secret</html>")],
    ["nothing", new HttpResponse(200, "OK")],
    ["bytes", new HttpResponse(200, "OK", new ArrayBuffer(2))],
    ["null", new HttpResponse(200, "OK", "null")],
    ["a number", new HttpResponse(200, "OK", "1")],
    ["an array", []],
    ["no id", { ...answer, connectionId: undefined }],
    ["a wrong id", { ...answer, connectionId: 1 }],
    ["no token", { ...answer, connectionToken: undefined }],
    ["an empty token", { ...answer, connectionToken: "" }],
    ["no transports", { ...answer, availableTransports: undefined }],
    ["wrong transports", { ...answer, availableTransports: [null] }],
    ["transports without formats", { ...answer, availableTransports: [{ transport: "WebSockets" }] }],
    ["transports without a name", { ...answer, availableTransports: [{ transferFormats: [] }] }],
  ])("rejects an answer with %s, without showing it", async (_what, given) => {
    const error: unknown = await ask([given], { url: "http://h/chat?key=secret" }).negotiation.catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(NegotiationError);
    expect((error as Error).message).toMatch(/^Negotiation with http:\/\/h\/chat failed: (?!.*secret)/);
  });

  it.each([new HttpError("Unauthorized", 401), new TimeoutError(), new AbortError()])(
    "hands on %p as it is",
    async (error) => {
      await expect(ask([() => Promise.reject(error)]).negotiation).rejects.toBe(error);
    },
  );

  it("makes an HttpError of a status that the client lets pass", async () => {
    await expect(ask([new HttpResponse(404, "Not Found")]).negotiation).rejects.toEqual(
      new HttpError("Not Found", 404),
    );
  });

  it("says what failed when there is no answer, or no token", async () => {
    const failure = new TypeError("fetch failed");
    const offline = ask([() => Promise.reject(failure)]).negotiation;
    await expect(offline).rejects.toMatchObject({ code: "negotiate-failed", cause: failure });
    await expect(offline).rejects.toThrow("Negotiation with http://h/chat failed: fetch failed");

    const factory = () => {
      throw failure;
    };
    await expect(ask([answer], { factory }).negotiation).rejects.toMatchObject({
      code: "negotiate-failed",
      cause: failure,
    });
  });
});

describe("a redirect", () => {
  const redirect = { url: "https://other/hub?asrs=1", accessToken: "theirs", availableTransports: [] };

  it("is followed with its token, which replaces the user's", async () => {
    const factory = jest.fn(() => "user's");
    const { http, negotiation, token } = ask([redirect, answer], { factory });
    await expect(negotiation).resolves.toMatchObject({ url: "https://other/hub?asrs=1", connectionToken: "secret" });
    expect(http.requests.map(({ url, headers }) => [url, headers?.["Authorization"]])).toEqual([
      ["http://h/chat/negotiate?negotiateVersion=1", "Bearer user's"],
      ["https://other/hub/negotiate?asrs=1&negotiateVersion=1", "Bearer theirs"],
    ]);
    await token.renew(new AbortController().signal, "negotiate", "http://h/");
    expect(token.value).toBe("theirs");
    expect(factory).toHaveBeenCalledTimes(1);
  });

  it("without a token keeps the user's", async () => {
    const { http, negotiation } = ask([{ url: "/other" }, answer], { factory: () => "user's" });
    await negotiation;
    expect(http.requests[1]).toMatchObject({
      url: "http://h/other/negotiate?negotiateVersion=1",
      headers: { Authorization: "Bearer user's" },
    });
  });

  it("is asked for stateful reconnect in its turn", async () => {
    const granted = { ...answer, useStatefulReconnect: true };
    const { http, negotiation } = ask([redirect, granted], { wantsStatefulReconnect: true });
    await expect(negotiation).resolves.toHaveProperty("statefulReconnect");
    expect(http.requests[1]?.url).toBe(
      "https://other/hub/negotiate?asrs=1&negotiateVersion=1&useStatefulReconnect=true",
    );
  });

  it("may be followed by ninety-nine more", async () => {
    const { http, negotiation } = ask([redirect]);
    await expect(negotiation).rejects.toThrow(/redirects/);
    expect(http.requests).toHaveLength(100);
    const last = ask([...Array.from({ length: 99 }, () => redirect), answer]);
    await expect(last.negotiation).resolves.toBeDefined();
  });
});

describe("the lifetime of the token", () => {
  const redirect = { url: "https://other/hub", accessToken: "theirs" };

  it.each<[string, object[], number | undefined]>([
    ["as the server tells it", [{ ...answer, tokenLifetimeSeconds: 90 }], 90],
    ["of the redirect, when the next server tells nothing", [{ ...redirect, tokenLifetimeSeconds: 60 }, answer], 60],
    [
      "that was told last",
      [
        { ...redirect, tokenLifetimeSeconds: 60 },
        { ...answer, tokenLifetimeSeconds: 30 },
      ],
      30,
    ],
    [
      "that was told last and is one",
      [
        { ...redirect, tokenLifetimeSeconds: 60 },
        { ...answer, tokenLifetimeSeconds: -1 },
      ],
      60,
    ],
    ["up to what can be counted", [{ ...answer, tokenLifetimeSeconds: 1e300 }], Math.floor(2 ** 53 / 1_000)],
    ["nowhere", [answer], undefined],
    ...[0, -5, "90", null, {}].map((wrong): [string, object[], undefined] => [
      `of ${JSON.stringify(wrong)}, which is none`,
      [{ ...answer, tokenLifetimeSeconds: wrong }],
      undefined,
    ]),
  ])("is known: %s", async (_name, answers, expected) => {
    const { tokenLifetimeSeconds } = await ask(answers).negotiation;
    expect(tokenLifetimeSeconds).toBe(expected);
  });
});

it("tells the token factory why it is asked", async () => {
  const factory = jest.fn(() => "t");
  const refusal = () => Promise.reject(new HttpError("no", 401));
  await ask([refusal, answer], { url: "http://h/chat?key=hidden", factory }).negotiation;
  const url = "http://h/chat/negotiate";
  expect(factory.mock.calls).toEqual([[{ reason: "negotiate", url }], [{ reason: "unauthorized", url }]]);
});
