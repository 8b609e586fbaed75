/** Calls of the real server's methods: answers, calls without one, many at once, and the exact texts of failures. */
import { HubError, type HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf } from "../../support/witness.js";

describeWhen("dotnet", "calls over ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  test("send does not hear of failures, and the connection lives on", async () => {
    await connection.send("Throw", "x");
    await connection.send("NoSuchMethod");
    await connection.send("Add", "not a number", 1);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("calls that run side by side are answered in the order in which they finish", async () => {
    const parallel = await hub.connect(hub.builder("/parallel"));
    const gate = hub.newMarker();
    const order: string[] = [];
    const waiting = parallel.invoke("WaitAtGate", gate).then(() => order.push("waited"));
    await parallel.invoke("Add", 1, 1).then(() => order.push("added"));
    await parallel.invoke("OpenGate", gate);
    await waiting;
    expect(order).toEqual(["added", "waited"]);
  });

  test("a long method is waited for, beyond the keep-alive of both sides", async () => {
    const quick = await hub.connect(hub.builder("/quick").withKeepAliveInterval(500).withServerTimeout(3_500));
    await expect(quick.invoke("TakeLong", 4_500)).resolves.toBe(4_500);
  });

  test("two connections of one client do not disturb each other", async () => {
    const other = await hub.connect();
    expect(other.connectionId).not.toBe(connection.connectionId);
    await other.send("Note", "other");
    await connection.send("Note", "first");
    await expect(connection.invoke("Notes")).resolves.toEqual(["first"]);
    await expect(other.invoke("Notes")).resolves.toEqual(["other"]);
  });

  const server = "on the server.";
  test.each([
    ["Throw", ["secret"], `An unexpected error occurred invoking 'Throw' ${server}`],
    ["ThrowLater", ["secret"], `An unexpected error occurred invoking 'ThrowLater' ${server}`],
    ["ThrowHub", ["told"], `An unexpected error occurred invoking 'ThrowHub' ${server} HubException: told`],
    ["ThrowHubLater", ["told"], `An unexpected error occurred invoking 'ThrowHubLater' ${server} HubException: told`],
    // The server's spelling of the name, unlike in "Failed to invoke".
    ["throwhub", [""], `An unexpected error occurred invoking 'ThrowHub' ${server} HubException: `],
    [
      "NoSuchMethod",
      [],
      "Failed to invoke 'NoSuchMethod' due to an error on the server. HubException: Method does not exist.",
    ],
    ["Add", [1], "Failed to invoke 'Add' due to an error on the server."],
    ["Add", [1, 2, 3], "Failed to invoke 'Add' due to an error on the server."],
    ["Add", ["x", 2], "Failed to invoke 'Add' due to an error on the server."],
    ["Secret", [], "Failed to invoke 'Secret' because user is unauthorized"],
    [
      "Counter",
      [1, 0],
      "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation.",
    ],
  ])("%s(%j) fails with the server's own text", async (method, args, message) => {
    const error = await failureOf(connection.invoke(method, ...args));
    expect(error).toBeInstanceOf(HubError);
    expect([error.name, error.code, error.message]).toEqual(["HubError", "hub-error", message]);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("with detailed errors the text has the exception", async () => {
    const detailed = await hub.connect(hub.builder("/detailed"));
    const { message } = await failureOf(detailed.invoke("Throw", "its message"));
    expect(message).toBe(
      "An unexpected error occurred invoking 'Throw' on the server. InvalidOperationException: its message",
    );
    expect((await failureOf(detailed.invoke("Add", 1))).message).toBe(
      "Failed to invoke 'Add' due to an error on the server. InvalidDataException: Invocation provides 1 argument(s) but target expects 2.",
    );
  });

  test("names may be anything but a method of the framework or of the runtime", async () => {
    for (const name of [
      "OnConnectedAsync",
      "Dispose",
      "ToString",
      "GetHashCode",
      'it\'s "quoted" € 😀',
      "x".repeat(500),
    ]) {
      expect((await failureOf(connection.invoke(name))).message).toContain(`Failed to invoke '${name}'`);
    }
  });
});
