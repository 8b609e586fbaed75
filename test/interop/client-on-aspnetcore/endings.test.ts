/** How connections to the real server end, and what follows: close with and without reconnect, drops, restarts, silence. */
import { HubConnectionState, type HubConnection } from "../../../src/index.js";
import { BUILD_AND_START_MS, startAspNetCoreServer } from "../../support/aspnetcore-server.js";
import { describeWhen } from "../../support/requirements.js";
import { calls, RealHub } from "../../support/real-hub.js";
import { failureOf, nextCall } from "../../support/witness.js";

/** Everything that a connection tells about its life, in order. */
function history(connection: HubConnection): unknown[][] {
  const told: unknown[][] = [];
  connection.onStateChange(({ previous, current }) => told.push([`${previous} > ${current}`]));
  connection.onclose((error) => told.push(["onclose", error]));
  connection.onreconnecting((error) => told.push(["onreconnecting", error]));
  connection.onreconnected((id) => told.push(["onreconnected", id]));
  return told;
}

const lost = expect.objectContaining({ name: "ConnectionError", code: "connection-lost", closeCode: 1006 });
const closedWithError = (message: unknown) => expect.objectContaining({ code: "server-closed", message });

describeWhen("dotnet", "endings on ASP.NET Core", () => {
  const hub = new RealHub();
  const reconnecting = (path?: string) => hub.builder(path).withAutomaticReconnect([0, 100, 200, 500]);

  test("start and stop go through all states, and the server sees a clean end", async () => {
    const connection = hub.build(reconnecting());
    const told = history(connection);
    await connection.start();
    const { connectionId } = connection;
    await connection.stop();
    expect(told).toEqual([
      ["Disconnected > Connecting"],
      ["Connecting > Connected"],
      ["Connected > Disconnecting"],
      ["Disconnecting > Disconnected"],
      ["onclose", undefined],
    ]);
    await expect(hub.server.waitForEvent("disconnected", { connectionId })).resolves.toMatchObject({ detail: null });
    expect(await hub.server.connections()).not.toContain(connectionId);
  });

  test("a call in flight at Context.Abort() is answered or fails", async () => {
    const connection = await hub.connect();
    const closed = nextCall<Error>((callback) => connection.onclose(callback));
    const settled = connection.invoke("Abort").then(
      () => "answered",
      () => "failed",
    );
    await closed;
    expect(["answered", "failed"]).toContain(await settled);
  });

  test.each([
    ["DropMe", "a TCP reset"],
    ["DropMeQuietly", "an end without a close frame"],
  ])("%s: %s is reconnected, with a new id and without groups", async (method) => {
    const connection = await hub.connect(reconnecting());
    const { connectionId } = connection;
    const group = hub.newMarker();
    await connection.invoke("JoinGroup", group);
    const inbox = calls(connection, "Received");
    const told = history(connection);
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    const inFlight = failureOf(connection.invoke(method));
    const newId = await reconnected;
    expect(await inFlight).toEqual(lost);
    expect(newId).not.toBe(connectionId);
    expect(newId).toBe(connection.connectionId);
    expect(told).toEqual([
      ["Connected > Reconnecting"],
      ["onreconnecting", lost],
      ["Reconnecting > Connected"],
      ["onreconnected", newId],
    ]);
    await expect(connection.invoke("MyConnectionId")).resolves.toBe(newId);
    await connection.invoke("SendToGroup", group, "not for us any more");
    await connection.invoke("SendToCaller", "handlers stay");
    await expect(inbox.next()).resolves.toEqual(["caller", "handlers stay"]);
    expect(inbox.waiting).toBe(0);
  });

  test("a hub that refuses the connection tells why, and is not asked again", async () => {
    const connection = hub.build(reconnecting("/refuse"));
    const told = history(connection);
    const closed = nextCall<Error>((callback) => connection.onclose(callback));
    await connection.start();
    await closed;
    const text =
      "Server returned an error on close: Connection closed with an error. HubException: This hub accepts nobody.";
    expect(told).toEqual([
      ["Disconnected > Connecting"],
      ["Connecting > Connected"],
      ["Connected > Disconnected"],
      ["onclose", closedWithError(text)],
    ]);
  });

  test("a message that is too large: Close with allowReconnect, and another connection follows", async () => {
    const connection = await hub.connect(reconnecting());
    const told = history(connection);
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    const tooLarge = failureOf(connection.invoke("LengthOf", "x".repeat(40_000)));
    await reconnected;
    const error = closedWithError("Server returned an error on close: Connection closed with an error.");
    expect(await tooLarge).toEqual(error);
    expect(told[1]).toEqual(["onreconnecting", error]);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test.each(["kill", "shutDown"] as const)(
    "a server that restarts on its port is found again (%s)",
    async (how) => {
      const server = await startAspNetCoreServer();
      const policy = { nextRetryDelayInMilliseconds: () => 50 };
      // A server that shuts down may still accept connections when it has told its clients.
      let hasEnded: Promise<void> = Promise.resolve();
      const accessTokenFactory = () => hasEnded.then(() => "");
      const builder = hub.builder("/hub", { accessTokenFactory }).withUrl(`${server.url}/hub`);
      const connection = hub.build(builder.withAutomaticReconnect(policy));
      await connection.start();
      const told = history(connection);
      const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
      const reconnecting = nextCall<Error>((callback) => connection.onreconnecting(callback));
      await (hasEnded = server[how]());
      await reconnecting;
      expect(connection.state).toBe(HubConnectionState.Reconnecting);
      const second = await startAspNetCoreServer({ port: Number(new URL(server.url).port) });
      try {
        expect(await reconnected).toBe(connection.connectionId);
        await expect(connection.invoke("MyConnectionId")).resolves.toBe(connection.connectionId);
        expect(told.map(([kind]) => kind)).toEqual([
          "Connected > Reconnecting",
          "onreconnecting",
          "Reconnecting > Connected",
          "onreconnected",
        ]);
        await connection.stop();
      } finally {
        await second.stop();
      }
    },
    BUILD_AND_START_MS,
  );

  test(
    "a server that does not come back: the policy decides, and onclose gets the last error",
    async () => {
      const server = await startAspNetCoreServer();
      const connection = hub.build(hub.builder().withUrl(`${server.url}/hub`).withAutomaticReconnect([0, 10]));
      await connection.start();
      const closed = nextCall<Error>((callback) => connection.onclose(callback));
      await server.kill();
      expect(await closed).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
      expect(connection.state).toBe(HubConnectionState.Disconnected);
      expect(await failureOf(connection.start())).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
    },
    BUILD_AND_START_MS,
  );

  test("pings of both sides keep an idle connection alive", async () => {
    // This hub gives up on a client that is silent for 2 s, and this client on a server that is silent for 3.5 s.
    const connection = await hub.connect(hub.builder("/quick").withKeepAliveInterval(500).withServerTimeout(3_500));
    const told = history(connection);
    const observer = await hub.connect();
    await observer.invoke("TakeLong", 5_500);
    expect(told).toEqual([]);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a client that does not ping is closed by the server, and may come back", async () => {
    const connection = await hub.connect(
      hub.builder("/quick").withKeepAliveInterval(100_000).withAutomaticReconnect([0, 50, 100]),
    );
    const reconnecting = nextCall<Error>((callback) => connection.onreconnecting(callback));
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    expect(await reconnecting).toEqual(closedWithError(expect.stringContaining("Connection closed with an error.")));
    expect(await reconnected).toBe(connection.connectionId);
  });

  test("a server that is silent for too long is given up, and asked again", async () => {
    const connection = await hub.connect(reconnecting().withServerTimeout(400));
    const { connectionId } = connection;
    const told = history(connection);
    const reconnected = nextCall<string>((callback) => connection.onreconnected(callback));
    const pending = failureOf(connection.invoke("TakeLong", 60_000));
    await reconnected;
    const timedOut = expect.objectContaining({ name: "TimeoutError", code: "server-timeout" });
    expect(await pending).toMatchObject({ name: "ConnectionError", code: "connection-lost", cause: timedOut });
    expect(told[1]).toEqual(["onreconnecting", timedOut]);
    await hub.server.waitForEvent("disconnected", { connectionId });
  });

  test("a loss while a reconnect succeeds is just the next loss", async () => {
    const connection = await hub.connect(reconnecting());
    let losses = 0;
    const third = new Promise<void>((resolve) => {
      connection.onreconnected((id) => {
        if (++losses === 3) resolve();
        else void hub.server.drop(id as string);
      });
    });
    await hub.server.drop(connection.connectionId as string);
    await third;
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });
});
