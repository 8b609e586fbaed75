/** Whom a message reaches: every selector of a hub, groups and users, and the same from outside of hubs. */
import type { HubConnection } from "../../src/index.js";
import { accessTokenOf, Hub, type ClientProxy, type HubCallerClients } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { Calls } from "./witness.js";

type Selector = Exclude<keyof HubCallerClients, "caller" | "others" | "all"> | "caller" | "others" | "all";

class SelectorHub extends Hub {
  join(group: string): Promise<void> {
    return this.groups.add(this.context.connectionId, group);
  }

  leave(group: string): Promise<void> {
    return this.groups.remove(this.context.connectionId, group);
  }

  async sendTo(selector: Selector, args: readonly never[], text: string): Promise<void> {
    const selected: unknown = this.clients[selector];
    const proxy = typeof selected === "function" ? (selected.apply(this.clients, args) as ClientProxy) : selected;
    await (proxy as ClientProxy).send("Text", text);
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
    await person("ann").connection.invoke("Join", "h");
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

  test.each<[Selector, () => unknown[], readonly Name[]]>([
    ["all", () => [], ["ann", "ann2", "bob", "eve"]],
    ["caller", () => [], ["ann"]],
    ["others", () => [], ["ann2", "bob", "eve"]],
    ["allExcept", () => [[id("ann"), id("eve"), "nobody"]], ["ann2", "bob"]],
    ["client", () => [id("bob")], ["bob"]],
    ["clients", () => [[id("ann2"), id("eve"), "nobody"]], ["ann2", "eve"]],
    ["group", () => ["g"], ["ann", "bob", "eve"]],
    ["group", () => ["G"], []],
    ["groups", () => [["g", "h", "none"]], ["ann", "ann", "bob", "eve"]],
    ["groupExcept", () => ["g", [id("bob")]], ["ann", "eve"]],
    ["othersInGroup", () => ["g"], ["bob", "eve"]],
    ["user", () => ["ann"], ["ann", "ann2"]],
    ["user", () => ["Ann"], []],
    ["users", () => [["ann", "eve", "nobody"]], ["ann", "ann2", "eve"]],
  ])("%s reaches whom it should", async (selector, args, expected) => {
    await person("ann").connection.invoke("SendTo", selector, args(), "text");
    await expect(reached()).resolves.toEqual(expected);
  });

  test("groups are left, by request and with the connection", async () => {
    await person("bob").connection.invoke("Leave", "g");
    await person("bob").connection.invoke("Leave", "never joined");
    await person("ann").connection.stop();
    await person("ann").connection.start();
    await person("eve").connection.invoke("SendTo", "group", ["g"], "text");
    await expect(reached()).resolves.toEqual(["eve"]);
  });

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
