/** Messages from the real server beyond the contract: from outside of hubs, many in a row, and what handlers get. */
import type { HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { calls, RealHub } from "../../support/real-hub.js";

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

  const ids = (...indexes: (0 | 1 | 2)[]) => indexes.map((index) => three[index].connectionId);

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
});
