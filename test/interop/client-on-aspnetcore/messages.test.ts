/** Messages from the real server: to whom they go, and what the handlers get. */
import type { HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { calls, RealHub } from "./real-hub.js";

describeWhen("dotnet", "messages from ASP.NET Core", () => {
  const hub = new RealHub();
  let names: string[];
  let three: [HubConnection, HubConnection, HubConnection];
  let inboxes: ReturnType<typeof calls>[];

  beforeEach(async () => {
    names = ["one", "two", "three"].map((name) => `${name}-${hub.newMarker()}`);
    three = (await Promise.all(names.map((name) => hub.connect(hub.builder(`/hub?user=${name}`))))) as typeof three;
    inboxes = three.map((connection) => calls(connection, "received"));
  });

  /**
   * Lets the first connection call a method that sends messages, and tells what each of the three got. Its answer, and one
   * round trip of each other connection, mark the point by which a message must have arrived.
   */
  async function receivedBy(method: string, ...args: unknown[]): Promise<unknown[][]> {
    await three[0].invoke(method, ...args);
    for (const connection of three) await connection.invoke("SendToCaller", "end");
    return Promise.all(
      inboxes.map(async (inbox) => {
        const got: unknown[] = [];
        for (let next = await inbox.next(); next[1] !== "end"; next = await inbox.next()) got.push(next);
        return got;
      }),
    );
  }

  const ids = (...indexes: (0 | 1 | 2)[]) => indexes.map((index) => three[index].connectionId);

  test("to the caller, the others, all", async () => {
    expect(await receivedBy("SendToCaller", "t")).toEqual([[["caller", "t"]], [], []]);
    expect(await receivedBy("SendToOthers", "t")).toEqual([[], [["others", "t"]], [["others", "t"]]]);
    expect(await receivedBy("SendToAll", "t")).toEqual([[["all", "t"]], [["all", "t"]], [["all", "t"]]]);
  });

  test("to connections, and to all but some", async () => {
    expect(await receivedBy("SendToConnection", ids(1)[0], "t")).toEqual([[], [["connection", "t"]], []]);
    expect(await receivedBy("SendToConnections", ids(0, 2), "t")).toEqual([
      [["connections", "t"]],
      [],
      [["connections", "t"]],
    ]);
    expect(await receivedBy("SendToAllExcept", ids(0, 1), "t")).toEqual([[], [], [["allExcept", "t"]]]);
  });

  test("to users", async () => {
    expect(await receivedBy("SendToUser", names[1], "t")).toEqual([[], [["user", "t"]], []]);
    expect(await receivedBy("SendToUsers", [names[0], names[2]], "t")).toEqual([
      [["users", "t"]],
      [],
      [["users", "t"]],
    ]);
    await expect(three[1].invoke("WhoAmI")).resolves.toBe(names[1]);
  });

  test("to groups, as long as one is a member", async () => {
    const [a, b] = [hub.newMarker(), hub.newMarker()];
    await three[0].invoke("JoinGroup", a);
    await three[1].invoke("JoinGroup", a);
    await three[1].invoke("JoinGroup", b);
    expect(await receivedBy("SendToGroup", a, "t")).toEqual([[["group", "t"]], [["group", "t"]], []]);
    expect(await receivedBy("SendToOthersInGroup", a, "t")).toEqual([[], [["othersInGroup", "t"]], []]);
    expect(await receivedBy("SendToGroupExcept", a, ids(1), "t")).toEqual([[["groupExcept", "t"]], [], []]);
    // A member of both gets it twice: that is how the original server does it.
    expect(await receivedBy("SendToGroups", [a, b], "t")).toEqual([
      [["groups", "t"]],
      [
        ["groups", "t"],
        ["groups", "t"],
      ],
      [],
    ]);
    await three[1].invoke("LeaveGroup", a);
    expect(await receivedBy("SendToGroup", a, "t")).toEqual([[["group", "t"]], [], []]);
  });

  test("from outside any hub", async () => {
    const group = hub.newMarker();
    await three[2].invoke("JoinGroup", group);
    await hub.server.push({ target: "group", name: group, method: "Received", arguments: ["pushed", { a: [1] }] });
    await expect(inboxes[2]?.next()).resolves.toEqual(["pushed", { a: [1] }]);
    await hub.server.push({ target: "user", name: names[0] as string, method: "Received", arguments: [] });
    await expect(inboxes[0]?.next()).resolves.toEqual([]);
    await hub.server.push({ target: "connection", name: ids(1)[0] as string, method: "RECEIVED", arguments: [null] });
    await expect(inboxes[1]?.next()).resolves.toEqual([null]);
  });

  test("ten thousand in a row arrive completely and in order, all before the answer", async () => {
    const ticks: number[] = [];
    three[0].on("Tick", (index: number) => ticks.push(index));
    await expect(three[0].invoke("Burst", 10_000)).resolves.toBe(10_000);
    expect(ticks).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  });

  test("reach every handler, with the connection as this; removed ones no more", async () => {
    const [connection] = three;
    const seen: unknown[] = [];
    const first = function (this: unknown, ...args: unknown[]) {
      seen.push(["first", this === connection, args]);
    };
    connection.on("Custom", first);
    connection.on("custom", first);
    const dispose = connection.on("CUSTOM", () => seen.push("second"));
    connection.on("Custom", () => {
      throw new Error("a handler that fails");
    });
    await connection.invoke("CallMe", "Custom", [1, null, { a: "€" }]);
    expect(seen).toEqual([["first", true, [1, null, { a: "€" }]], "second"]);
    dispose();
    connection.off("Custom", first);
    await connection.invoke("CallMe", "Custom", []);
    expect(seen).toHaveLength(2);
    connection.off("Custom");
    await connection.invoke("CallMe", "Custom", []);
    expect(hub.logged.join("\n")).toContain("a handler that fails");
    expect(hub.logged.join("\n")).toMatch(/No client method with the name .Custom. found\./);
  });

  test("without arguments, and for nobody, change nothing", async () => {
    const [connection] = three;
    const handler = jest.fn();
    connection.on("NoArguments", handler);
    await connection.invoke("CallMe", "NoArguments", []);
    await connection.invoke("CallMe", "NobodyListens", [1]);
    expect(handler.mock.calls).toEqual([[]]);
  });
});
