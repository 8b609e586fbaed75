/** Requests with the connection's headers, and the second try after a 401. */
import { AbortError, HttpError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";
import { HttpResponse } from "../../../src/http/http-client.js";
import { requestsOf, sendRequest, type HttpContext } from "../../../src/http/http-context.js";
import { ScriptedHttpClient } from "./scripted-http-client.js";

function contextOf(http: ScriptedHttpClient, factory?: () => string): HttpContext {
  return { http, headers: { "X-A": "1" }, token: new AccessToken(factory), timeout: 500, withCredentials: true };
}

const { signal } = new AbortController();
const request = { method: "POST", url: "http://h/negotiate" };

describe("sendRequest", () => {
  it("adds headers, timeout and credentials", async () => {
    const http = new ScriptedHttpClient({});
    await sendRequest(contextOf(http), request, signal);
    expect(http.requests).toEqual([
      { ...request, headers: { "X-A": "1" }, timeout: 500, withCredentials: true, abortSignal: signal },
    ]);
  });

  it("does not wait for a client that ignores its signal", async () => {
    const controller = new AbortController();
    const http = new ScriptedHttpClient(() => new Promise(() => undefined));
    const context = { ...contextOf(http), ...requestsOf(http, {}, { httpClient: http }) };
    const sending = sendRequest(context, request, controller.signal);
    controller.abort();
    await expect(sending).rejects.toBeInstanceOf(AbortError);
  });

  it("asks such a client for its cookies", () => {
    const http = new ScriptedHttpClient();
    http.getCookieString = (url) => `for=${url}`;
    expect(requestsOf(http, {}, { httpClient: http }).http.getCookieString("http://h/")).toBe("for=http://h/");
  });

  it("asks for another token once after a 401, whether the client throws or answers", async () => {
    for (const refusal of [() => Promise.reject(new HttpError("no", 401)), new HttpResponse(401, "no")]) {
      const http = new ScriptedHttpClient(refusal, { fine: true });
      const tokens = ["fresh"];
      const response = await sendRequest(
        contextOf(http, () => tokens.shift() ?? "none"),
        request,
        signal,
      );
      expect(response.statusCode).toBe(200);
      expect(http.requests.map((sent) => sent.headers?.["Authorization"])).toEqual([undefined, "Bearer fresh"]);
    }
  });

  it("gives up after the second 401", async () => {
    const http = new ScriptedHttpClient(new HttpResponse(401, "Unauthorized"));
    await expect(
      sendRequest(
        contextOf(http, () => "t"),
        request,
        signal,
      ),
    ).rejects.toMatchObject({ statusCode: 401 });
    expect(http.requests).toHaveLength(2);
  });

  it("does not try again without a factory, nor after another status", async () => {
    for (const [status, factory] of [
      [401, undefined],
      [403, () => "t"],
    ] as const) {
      const http = new ScriptedHttpClient(new HttpResponse(status, "No"));
      await expect(sendRequest(contextOf(http, factory), request, signal)).rejects.toEqual(new HttpError("No", status));
      expect(http.requests).toHaveLength(1);
    }
  });
});
