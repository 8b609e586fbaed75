/** The bearer token and the header that it becomes (TRANSPORTS §2). */
import { AbortError } from "../../../src/errors/http-errors.js";
import { AccessToken } from "../../../src/http/access-token.js";

const { signal } = new AbortController();
const users = { Authorization: "Basic own" };

describe("AccessToken", () => {
  it("asks a synchronous or asynchronous factory each time", async () => {
    const factory = jest.fn<string | Promise<string>, []>().mockReturnValueOnce("one").mockResolvedValueOnce("two");
    const token = new AccessToken(factory);
    await expect(token.renew(signal)).resolves.toBe(true);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer one" });
    await token.renew(signal);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer two" });
    expect(factory).toHaveBeenCalledTimes(2);
  });

  it("keeps the user's own header when there is no factory", async () => {
    const token = new AccessToken(undefined);
    await expect(token.renew(signal)).resolves.toBe(false);
    expect(token.addTo(users)).toEqual(users);
  });

  it.each(["", undefined, null])("takes the user's header away when the factory gives %p", async (nothing) => {
    const token = new AccessToken(() => nothing as unknown as string);
    await token.renew(signal);
    expect(token.addTo(users)).toEqual({});
  });

  it("prefers a redirect's token and leaves the factory alone from then on", async () => {
    const factory = jest.fn(() => "user's");
    const token = new AccessToken(factory);
    token.replace("server's");
    await expect(token.renew(signal)).resolves.toBe(false);
    expect(token.addTo({})).toEqual({ Authorization: "Bearer server's" });
    expect(factory).not.toHaveBeenCalled();
  });

  it("asks once for all requests that were refused with the same token", async () => {
    let asked = 0;
    const token = new AccessToken(async () => `token ${++asked}`);
    await token.renew(signal);
    await Promise.all([token.renew(signal, "token 1"), token.renew(signal, "token 1")]);
    expect(token.value).toBe("token 2");
    await expect(token.renew(signal, "token 1")).resolves.toBe(true); // its 401 came late
    expect(token.value).toBe("token 2");
    await token.renew(signal, "token 2");
    expect(token.value).toBe("token 3");
  });

  it("does not wait for a factory that hangs", async () => {
    const controller = new AbortController();
    const renewing = new AccessToken(() => new Promise(() => undefined)).renew(controller.signal);
    controller.abort();
    await expect(renewing).rejects.toBeInstanceOf(AbortError);
  });

  it("hands on what the factory throws", async () => {
    const failure = new Error("no login");
    await expect(new AccessToken(() => Promise.reject(failure)).renew(signal)).rejects.toBe(failure);
    const throwing = () => {
      throw failure;
    };
    await expect(new AccessToken(throwing).renew(signal)).rejects.toBe(failure);
  });
});
