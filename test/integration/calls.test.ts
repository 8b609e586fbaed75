/** Calls between our client and our server: typed and untyped, many at once, in order, and failing. */
import { HubError, type HubConnection } from "../../src/index.js";
import { HubSite } from "./hub-site.js";
import { RoomHub, RoomState, type RoomClient, type RoomServer } from "./room-hub.js";
import { failureOf, upTo } from "../support/witness.js";

describe("calls", () => {
  const state = new RoomState();
  const createHub = () => new RoomHub(state);
  const running = HubSite.forTests({
    map: (hubs) => {
      hubs.mapHub("/hub", RoomHub, { createHub });
      hubs.mapHub("/parallel", RoomHub, { createHub, maximumParallelInvocationsPerClient: 3 });
      hubs.mapHub("/detailed", RoomHub, { createHub, enableDetailedErrors: true });
    },
  });
  let connection: HubConnection<RoomServer, RoomClient>;
  beforeEach(async () => {
    connection = await running.site.connect<RoomServer, RoomClient>();
  });

  test("a typed connection calls the hub and is called by it", async () => {
    const sum: number = await connection.invoke("Add", 20, 22);
    expect(sum).toBe(42);
    const greeted = new Promise<string>((resolve) => connection.on("Greeting", (text) => resolve(text.trim())));
    await connection.send("Greet", " hello ");
    await expect(greeted).resolves.toBe("hello");
    connection.on("Question", (text) => `${text.length}`);
    const answer: string = await connection.invoke("Ask", "four");
    expect(answer).toBe("4!");
    // @ts-expect-error -- the hub has no such method
    await expect(connection.invoke("Missing")).rejects.toThrow("Method does not exist.");
    // @ts-expect-error -- nor does it take texts
    await expect(connection.invoke("Add", "1", "2")).resolves.toBe("12");
  });

  test("thousands of calls at once get each its own answer", async () => {
    const sums = await Promise.all(upTo(5_000).map((i) => connection.invoke("Add", i, 1)));
    expect(sums).toEqual(upTo(5_000).map((i) => i + 1));
  });

  test("256 sends of one turn arrive in order, several turns long", async () => {
    for (let turn = 0; turn < 4; turn++) {
      for (let i = 0; i < 256; i++) void connection.send("Note", `${turn}.${i}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = upTo(4).flatMap((turn) => upTo(256).map((i) => `${turn}.${i}`));
    await expect(connection.invoke("Notes")).resolves.toEqual(expected);
  });

  test("only one plain call runs at a time, unless the hub allows more", async () => {
    const order: string[] = [];
    const parallel = await running.site.connect<RoomServer>(running.site.builder("/parallel"));
    const run = (who: typeof connection | typeof parallel, prefix: string) =>
      ["a", "b"].map((name) => who.invoke("Wait", prefix + name).then((gate) => order.push(gate)));
    const calls = [...run(connection, "one "), ...run(parallel, "many ")];
    await expect(parallel.invoke("Add", 1, 1)).resolves.toBe(2); // two of three slots are taken
    await parallel.invoke("Open", "many b");
    await calls[3];
    expect(order).toEqual(["many b"]);
    expect(state.events.filter((event) => event.startsWith("waiting: one"))).toEqual(["waiting: one a"]);
    for (const gate of ["one b", "one a", "many a"]) await parallel.invoke("Open", gate);
    await Promise.all(calls);
    expect(order.filter((gate) => gate.startsWith("one"))).toEqual(["one a", "one b"]);
  });

  test("errors of hub methods have the texts of ASP.NET Core", async () => {
    const text = (method: string) => `An unexpected error occurred invoking '${method}' on the server.`;
    const hidden = await failureOf(connection.invoke("Fail", "secret"));
    expect(hidden).toBeInstanceOf(HubError);
    expect(hidden.message).toBe(text("Fail"));
    expect((await failureOf(connection.invoke("FailHub", "told"))).message).toBe(
      `${text("FailHub")} HubException: told`,
    );
    const detailed = await running.site.connect(running.site.builder("/detailed"));
    expect((await failureOf(detailed.invoke("Fail", "shown"))).message).toBe(`${text("Fail")} Error: shown`);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("nothing but the hub's own methods can be called", async () => {
    const untyped = await running.site.connect();
    const names = [
      "onConnected",
      "onDisconnected",
      "constructor",
      "toString",
      "context",
      "clients",
      "__proto__",
      "#state",
    ];
    for (const name of names) {
      expect((await failureOf(untyped.invoke(name))).message).toBe(
        `Failed to invoke '${name}' due to an error on the server. HubException: Method does not exist.`,
      );
    }
  });

  test("an argument that cannot be encoded fails its call alone", async () => {
    expect((await failureOf(connection.invoke("Echo", 5n))).code).toBe("not-serializable");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });
});
