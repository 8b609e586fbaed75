/** Questions of the hub, answered by clients, while other calls go on. */
import { RoomHub, RoomState, type RoomClient, type RoomServer } from "./room-hub.js";
import type { HubConnection } from "../../src/index.js";
import { ClientResultError, type ClientProxy } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { failureOf } from "../support/witness.js";

describe("client results", () => {
  const state = new RoomState();
  const running = HubSite.forTests({
    map: (hubs) => hubs.mapHub("/hub", RoomHub, { createHub: () => new RoomHub(state) }),
  });
  let connection: HubConnection<RoomServer, RoomClient>;
  beforeEach(async () => {
    connection = await running.site.connect<RoomServer, RoomClient>();
  });
  const fromOutside = () => running.site.hubs.hub(RoomHub).clients.client(connection.connectionId ?? "");

  test("a hub method that asks gives its slot back, for as long as it waits and beyond", async () => {
    let answer: (text: string) => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      connection.on("Question", () => {
        resolve();
        return new Promise<string>((later) => (answer = later));
      });
    });
    const asking = connection.invoke("AskThenWait", "x", "slot");
    await asked;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    answer("done");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    await connection.invoke("Open", "slot");
    await expect(asking).resolves.toBe("done");
  });

  test("another client is asked", async () => {
    const other = await running.site.connect<RoomServer, RoomClient>();
    other.on("Question", (text) => `other: ${text}`);
    const id = other.connectionId ?? "";
    await expect(connection.invoke("AskOther", id, "x")).resolves.toBe("other: x");
    await expect(connection.invoke("AskOther", "nobody", "x")).resolves.toBe(
      "ClientResultError: Connection 'nobody' does not exist.",
    );
  });

  test("a client that leaves in between fails the question", async () => {
    const other = await running.site.connect<RoomServer, RoomClient>();
    const asked = new Promise<void>((resolve) => {
      other.on("Question", () => {
        resolve();
        return new Promise<string>(() => undefined);
      });
    });
    const id = other.connectionId ?? "";
    const answer = connection.invoke("AskOther", id, "x");
    await asked;
    await other.stop();
    await expect(answer).resolves.toBe(`ClientResultError: Connection '${id}' disconnected.`);
  });

  test("code outside of hubs asks too, with a time limit of its own", async () => {
    connection.on("Question", (text) => (text === "never" ? new Promise<string>(() => undefined) : `outside ${text}`));
    await expect(fromOutside().invoke("Question", "x")).resolves.toBe("outside x");
    const controller = new AbortController();
    const waiting = fromOutside().with({ signal: controller.signal }).invoke("Question", "never");
    controller.abort();
    expect((await failureOf(waiting)).message).toBe("Invocation canceled by the server.");
    await expect(fromOutside().invoke("Question", "again")).resolves.toBe("outside again");
  });

  test("whoever is gone cannot be asked, and hears nothing of what is sent", async () => {
    const client = fromOutside();
    await connection.stop();
    expect(await failureOf(client.invoke("Question", "x"))).toBeInstanceOf(ClientResultError);
    const proxy: ClientProxy<RoomClient> = client;
    await expect(proxy.send("Greeting", "x")).resolves.toBeUndefined();
  });
});
