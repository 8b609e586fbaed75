/** What the server does with refreshes that come late and with an authentication that expires (DOTNET11 §1). */
import { bearer, startAuthenticated, tokenOf } from "../support/authenticated-hub.js";
import { RawClient, stopAll } from "../support/hub-server.js";
import { eventually } from "../support/witness.js";
import { connect, CLOSE } from "../support/authenticated-client.js";

afterEach(async () => {
  jest.restoreAllMocks();
  await stopAll();
});

describe("a refresh that comes late", () => {
  test("of an older token succeeds, and changes nothing", async () => {
    const site = await startAuthenticated();
    const { refresh, ask } = await connect(site, tokenOf("ada", "first", 60));
    await refresh(tokenOf("ada", "newest", 180));
    expect(await refresh(tokenOf("ada", "older", 120))).toMatchObject({ body: '{"tokenLifetimeSeconds":120}' });
    expect(await ask("who")).toEqual(["ada", "newest"]);
    expect(site.refreshed).toEqual(["newest"]);
  });

  test("counts when one of the two does not expire", async () => {
    const { refresh, ask } = await connect(await startAuthenticated(), tokenOf("ada", "first", 60));
    await refresh(tokenOf("ada", "forever"));
    expect(await ask("who")).toEqual(["ada", "forever"]);
    await refresh(tokenOf("ada", "limited", 10));
    expect(await ask("who")).toEqual(["ada", "limited"]);
  });

  test("waits for the one before", async () => {
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const onAuthenticationRefresh = async ({ newUser }: { newUser: unknown }): Promise<boolean> => {
      const { tag } = newUser as { tag: string };
      order.push(`begin ${tag}`);
      await new Promise<void>((resolve) => gates.push(resolve));
      order.push(`end ${tag}`);
      return true;
    };
    const { refresh } = await connect(await startAuthenticated({ onAuthenticationRefresh }));
    const both = Promise.all([refresh(tokenOf("ada", "a")), refresh(tokenOf("ada", "b"))]);
    for (let opened = 0; opened < 2;) {
      if (gates.length > opened) gates[opened++]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await both;
    const [first, second] = [order[0]?.slice(-1), order[2]?.slice(-1)];
    expect(order).toEqual([`begin ${first}`, `end ${first}`, `begin ${second}`, `end ${second}`]);
  });
});

describe("an authentication that expires", () => {
  const close = { closeOnAuthenticationExpiration: true };

  test.each([true, false])("ends the connection, which may come back (refreshes enabled: %p)", async (enabled) => {
    const site = await startAuthenticated({ ...close, enableAuthenticationRefresh: enabled });
    const { client, ask } = await connect(site, tokenOf("ada", "first", 5));
    await site.pass(4);
    expect(await ask("who")).toEqual(["ada", "first"]);
    await site.pass(1);
    expect(await client.rest()).toEqual([CLOSE]);
    expect(await client.closed).toMatchObject({ code: 1000 });
    await eventually(() => site.ends.length > 0);
    expect(site.ends).toEqual([undefined]);
  });

  test("ends it without a Close when its handshake is not done", async () => {
    const site = await startAuthenticated(close);
    const client = await RawClient.open(site.port, "/hub", bearer(tokenOf("ada", "", 2)));
    await site.pass(3);
    expect(await client.rest()).toEqual([{ error: "Handshake was canceled." }]);
  });

  test("does not end it when it was refreshed in time, but at the new end", async () => {
    const site = await startAuthenticated(close);
    const { client, refresh, ask } = await connect(site, tokenOf("ada", "first", 5));
    await site.pass(4);
    await refresh(tokenOf("ada", "second", 10));
    await site.pass(5);
    expect(await ask("who")).toEqual(["ada", "second"]);
    await site.pass(1);
    expect(await client.rest()).toEqual([CLOSE]);
  });

  test("a refresh without an end makes it last", async () => {
    const site = await startAuthenticated(close);
    const { refresh, ask } = await connect(site, tokenOf("ada", "first", 2));
    await refresh(tokenOf("ada", "second"));
    await site.pass(10);
    expect(await ask("who")).toEqual(["ada", "second"]);
  });

  test("is cut by the server's maximum", async () => {
    const site = await startAuthenticated({ ...close, maximumAuthenticationExpiration: 3_000 });
    const { client } = await connect(site, tokenOf("ada", "first", 60));
    await site.pass(3);
    expect(await client.rest()).toEqual([CLOSE]);
  });

  test("changes nothing where connections do not end with it", async () => {
    const site = await startAuthenticated();
    const { ask } = await connect(site, tokenOf("ada", "first", 2));
    await site.pass(5);
    expect(await ask("who")).toEqual(["ada", "first"]);
  });
});
