/** The bearer token and the header that it becomes (TRANSPORTS §2). */
import { AbortError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";

const { signal } = new AbortController();
const asking = { reason: "negotiate" } as const;
const users = { Authorization: "Basic own" };

describe("AccessToken", () => {
  it("asks a synchronous or asynchronous factory each time", async () => {
    const factory = jest.fn<string | Promise<string>, []>().mockReturnValueOnce("one").mockResolvedValueOnce("two");
    const token = new AccessToken(factory);
    await expect(token.renew(signal, asking)).resolves.toBe(true);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer one" });
    await token.renew(signal, asking);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer two" });
    expect(factory).toHaveBeenCalledTimes(2);
  });

  it("keeps the user's own header when there is no factory", async () => {
    const token = new AccessToken(undefined);
    await expect(token.renew(signal, asking)).resolves.toBe(false);
    expect(token.addTo(users)).toEqual(users);
  });

  it.each(["", undefined, null])("takes the user's header away when the factory gives %p", async (nothing) => {
    const token = new AccessToken(() => nothing as unknown as string);
    await token.renew(signal, asking);
    expect(token.addTo(users)).toEqual({});
  });

  it("prefers a redirect's token and leaves the factory alone from then on", async () => {
    const factory = jest.fn(() => "user's");
    const token = new AccessToken(factory);
    token.replace("server's");
    await expect(token.renew(signal, asking)).resolves.toBe(false);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer server's" });
    expect(factory).not.toHaveBeenCalled();
  });

  it("asks once for all requests that were refused with the same token", async () => {
    let asked = 0;
    const token = new AccessToken(async () => `token ${++asked}`);
    await token.renew(signal, asking);
    await Promise.all([token.renew(signal, asking, "token 1"), token.renew(signal, asking, "token 1")]);
    expect(token.value).toBe("token 2");
    await expect(token.renew(signal, asking, "token 1")).resolves.toBe(true); // its 401 came late
    expect(token.value).toBe("token 2");
    await token.renew(signal, asking, "token 2");
    expect(token.value).toBe("token 3");
  });

  it("tells the factory why it is asked", async () => {
    const factory = jest.fn(() => "t");
    const token = new AccessToken(factory);
    const context = { reason: "refresh", url: "http://h/refresh" } as const;
    await token.renew(signal, context);
    expect(factory.mock.calls).toEqual([[context]]);
  });

  it("has a fork that asks the same factory whatever a redirect brought, and leaves the token alone until it is adopted", async () => {
    const token = new AccessToken(() => "user's");
    token.replace("server's");
    const fork = token.fork();
    await fork.renew(signal, asking);
    expect([fork.value, token.value]).toEqual(["user's", "server's"]);
    token.adopt(fork, undefined);
    expect(token.value).toBe("server's");
    token.adopt(fork, "server's next");
    expect(token.value).toBe("server's next");
  });

  it("adopts its fork's token, or the one that a server gave for it, from which on the factory is left alone", async () => {
    const token = new AccessToken(() => "fresh");
    const fork = token.fork();
    await fork.renew(signal, asking);
    for (const nothing of [undefined, "", 7, null]) {
      token.value = "old";
      token.adopt(fork, nothing);
      expect(token.value).toBe("fresh");
    }
    token.adopt(fork, "server's");
    await expect(token.renew(signal, asking)).resolves.toBe(false);
    expect(token.value).toBe("server's");
  });

  it.each(["\r", "\n", "\0"])("refuses a server's token that has %j in it, which runtimes would quote", (character) => {
    const token = new AccessToken(undefined);
    const bad = `SECRET${character}x`;
    for (const take of [() => token.replace(bad), () => token.adopt(token.fork(), bad)]) {
      expect(take).toThrow("The access token is no text, or contains a line break or a zero.");
      expect(token.addTo(users)).toEqual(users);
    }
  });

  it("does not wait for a factory that hangs", async () => {
    const controller = new AbortController();
    const renewing = new AccessToken(() => new Promise(() => undefined)).renew(controller.signal, asking);
    controller.abort();
    await expect(renewing).rejects.toBeInstanceOf(AbortError);
  });

  it("does not take an answer that nobody waits for any more, or that came later than a server's token", async () => {
    const answers: ((value: string) => void)[] = [];
    const token = new AccessToken(() => new Promise((resolve) => answers.push(resolve)));
    const controller = new AbortController();
    const givenUp = token.renew(controller.signal, asking);
    controller.abort();
    await expect(givenUp).rejects.toBeInstanceOf(AbortError);
    answers[0]?.("given up");
    await new Promise((resolve) => setImmediate(resolve));
    expect(token.value).toBeUndefined();
    const overtaken = token.renew(signal, asking);
    token.replace("server's");
    answers[1]?.("late");
    await overtaken;
    expect(token.value).toBe("server's");
  });

  it("hands on what the factory throws", async () => {
    const failure = new Error("no login");
    await expect(new AccessToken(() => Promise.reject(failure)).renew(signal, asking)).rejects.toBe(failure);
    const throwing = () => {
      throw failure;
    };
    await expect(new AccessToken(throwing).renew(signal, asking)).rejects.toBe(failure);
  });
});
