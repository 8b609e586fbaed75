/** Whom a message from outside of hubs reaches, and whom it does not; what hubs themselves send is in the contract suite. */
import type { HubConnection } from "../../src/index.js";
import { accessTokenOf, Hub } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { Calls } from "../support/witness.js";

class SelectorHub extends Hub {
  join(group: string): Promise<void> {
    return this.groups.add(this.context.connectionId, group);
  }

  nothing(): void {}
}

class OtherHub extends Hub {}

const NAMES = ["ann", "ann2", "bob", "eve"] as const;
type Name = (typeof NAMES)[number];

describe("audience", () => {
  const authenticate = (request: Parameters<typeof accessTokenOf>[0]) => ({
    id: accessTokenOf(request)?.replace(/\d/, ""),
  });
  const running = HubSite.forTests({
    map: (hubs) => {
      hubs.mapHub("/hub", SelectorHub, { authenticate });
      hubs.mapHub("/second", SelectorHub, { authenticate });
      hubs.mapHub("/other", OtherHub);
    },
  });
  const people = new Map<Name, { readonly connection: HubConnection; readonly calls: Calls; readonly id: string }>();

  beforeEach(async () => {
    for (const name of NAMES) {
      const path = name === "eve" ? "/second" : "/hub";
      const options = { accessTokenFactory: () => name };
      const connection = await running.site.connect(running.site.builder(path, options));
      people.set(name, { connection, calls: new Calls(connection, "Text"), id: connection.connectionId ?? "" });
    }
    // Of four connections two are of one user, and three in a group.
    await person("ann").connection.invoke("Join", "g");
    await person("bob").connection.invoke("Join", "g");
    await person("eve").connection.invoke("Join", "g");
  });

  function person(name: Name) {
    const found = people.get(name);
    if (found === undefined) throw new Error(`${name} is not connected`);
    return found;
  }

  const id = (name: Name) => person(name).id;

  /** Who has got something, and how often, once everything that was sent has arrived. */
  async function reached(): Promise<string[]> {
    await Promise.all(NAMES.map((name) => person(name).connection.invoke("Nothing")));
    return NAMES.flatMap((name) => person(name).calls.all.map(() => name));
  }

  test("code outside of hubs reaches everybody, and changes groups", async () => {
    const { clients, groups } = running.site.hubs.hub(SelectorHub);
    await clients.group("g").send("Text", "one");
    await groups.remove(id("ann"), "g");
    await groups.add(id("ann2"), "g");
    await groups.add("nobody", "g");
    await clients.group("g").send("Text", "two");
    await clients.user("ann").send("Text", "three");
    await clients.allExcept([id("eve")]).send("Text", "four");
    await reached();
    expect(NAMES.map((name) => person(name).calls.firsts)).toEqual([
      ["one", "three", "four"],
      ["two", "three", "four"],
      ["one", "two", "four"],
      ["one", "two"],
    ]);
  });

  test("hub classes are strangers to each other", async () => {
    const stranger = await running.site.connect(running.site.builder("/other"));
    const calls = new Calls(stranger, "Text");
    await running.site.hubs.hub(SelectorHub).clients.all.send("Text", "not for it");
    await running.site.hubs.hub(OtherHub).clients.all.send("Text", "for it");
    expect(await calls.until(1)).toEqual([["for it"]]);
    await expect(reached()).resolves.toEqual(["ann", "ann2", "bob", "eve"]);
  });

  test("everybody gets many messages in the order in which they were sent", async () => {
    const { clients } = running.site.hubs.hub(SelectorHub);
    const texts = Array.from({ length: 1_000 }, (_, i) => String(i));
    for (const text of texts) void clients.all.send("Text", text);
    await Promise.all(NAMES.map((name) => person(name).calls.until(texts.length)));
    for (const name of NAMES) expect(person(name).calls.firsts).toEqual(texts);
  });
});
