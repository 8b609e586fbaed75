/** The bearer token and the header that it becomes (TRANSPORTS §2). */
import { AbortError } from "../../../src/errors/http-errors.js";
import { AccessToken, replaceToken } from "../../../src/http/access-token.js";
import { withToken } from "../../../src/http/http-context.js";

const { signal } = new AbortController();
const asking = ["negotiate", "http://h/chat?secret"] as const;
const users = { Authorization: "Basic own" };

describe("AccessToken", () => {
  it("asks a synchronous or asynchronous factory each time", async () => {
    const factory = jest.fn<string | Promise<string>, []>().mockReturnValueOnce("one").mockResolvedValueOnce("two");
    const token = new AccessToken(factory);
    await expect(token.renew(signal, ...asking)).resolves.toBe(true);
    expect(withToken({}, token)).toEqual({ Authorization: "Bearer one" });
    await token.renew(signal, ...asking);
    expect(withToken({}, token)).toEqual({ Authorization: "Bearer two" });
    expect(factory).toHaveBeenCalledTimes(2);
  });

  it("keeps the user's own header when there is no factory", async () => {
    const token = new AccessToken(undefined);
    await expect(token.renew(signal, ...asking)).resolves.toBe(false);
    expect(withToken(users, token)).toEqual(users);
  });

  it.each(["", undefined, null])("takes the user's header away when the factory gives %p", async (nothing) => {
    const token = new AccessToken(() => nothing as unknown as string);
    await token.renew(signal, ...asking);
    expect(withToken(users, token)).toEqual({});
  });

  it("prefers a redirect's token and leaves the factory alone from then on", async () => {
    const factory = jest.fn(() => "user's");
    const token = new AccessToken(factory);
    replaceToken(token, "server's");
    await expect(token.renew(signal, ...asking)).resolves.toBe(false);
    expect(withToken({}, token)).toEqual({ Authorization: "Bearer server's" });
    expect(factory).not.toHaveBeenCalled();
  });

  it("asks once for all requests that were refused with the same token", async () => {
    let asked = 0;
    const token = new AccessToken(async () => `token ${++asked}`);
    await token.renew(signal, ...asking);
    await Promise.all([token.renew(signal, ...asking, "token 1"), token.renew(signal, ...asking, "token 1")]);
    expect(token.value).toBe("token 2");
    await expect(token.renew(signal, ...asking, "token 1")).resolves.toBe(true); // its 401 came late
    expect(token.value).toBe("token 2");
    await token.renew(signal, ...asking, "token 2");
    expect(token.value).toBe("token 3");
  });

  it("tells the factory why it is asked, without secrets", async () => {
    const factory = jest.fn(() => "t");
    const token = new AccessToken(factory);
    await token.renew(signal, "refresh", "http://h/refresh?id=secret");
    expect(factory.mock.calls).toEqual([[{ reason: "refresh", url: "http://h/refresh" }]]);
  });

  it.each(["\r", "\n", "\0"])("refuses a server's token that has %j in it, which runtimes would quote", (character) => {
    const token = new AccessToken(undefined);
    const bad = `SECRET${character}x`;
    expect(() => replaceToken(token, bad)).toThrow("The access token is no text, or contains a line break or a zero.");
    expect(withToken(users, token)).toEqual(users);
  });

  it("does not wait for a factory that hangs", async () => {
    const controller = new AbortController();
    const renewing = new AccessToken(() => new Promise(() => undefined)).renew(controller.signal, ...asking);
    controller.abort();
    await expect(renewing).rejects.toBeInstanceOf(AbortError);
  });

  it("does not take an answer that nobody waits for any more, or that came later than a server's token", async () => {
    const answers: ((value: string) => void)[] = [];
    const token = new AccessToken(() => new Promise((resolve) => answers.push(resolve)));
    const controller = new AbortController();
    const givenUp = token.renew(controller.signal, ...asking);
    controller.abort();
    await expect(givenUp).rejects.toBeInstanceOf(AbortError);
    answers[0]?.("given up");
    await new Promise((resolve) => setImmediate(resolve));
    expect(token.value).toBeUndefined();
    const overtaken = token.renew(signal, ...asking);
    replaceToken(token, "server's");
    answers[1]?.("late");
    await overtaken;
    expect(token.value).toBe("server's");
  });

  it("hands on what the factory throws", async () => {
    const failure = new Error("no login");
    await expect(new AccessToken(() => Promise.reject(failure)).renew(signal, ...asking)).rejects.toBe(failure);
    const throwing = () => {
      throw failure;
    };
    await expect(new AccessToken(throwing).renew(signal, ...asking)).rejects.toBe(failure);
  });
});
