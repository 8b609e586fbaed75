/** Questions of the real server, answered by the client's handlers: every kind of answer, and none. */
import { HubError, type HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { failureOf } from "../../support/witness.js";

describeWhen("dotnet", "client results on ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  /** What the hub makes of the caller's answer. */
  const outcomeOf = (method: string, ...args: unknown[]) => connection.invoke("AskOutcome", method, args, 10_000);

  test("many questions at once get each its own answer, in whatever order", async () => {
    const waiting: (() => void)[] = [];
    connection.on("Double", (n: number) => {
      return new Promise<number>((resolve) => {
        waiting.push(() => resolve(n * 2));
        if (waiting.length === 50) for (const answer of waiting.reverse()) answer();
      });
    });
    await expect(connection.invoke("AskMeManyTimes", "Double", 50)).resolves.toEqual(
      Array.from({ length: 50 }, (_, i) => i * 2),
    );
  });

  const refused = (error: string) => ({ ok: false, result: null, errorType: "HubException", error });

  test("nobody there, and nothing returned, are errors", async () => {
    await expect(outcomeOf("NobodyListens", 1)).resolves.toEqual(refused("Client didn't provide a result."));
    connection.on("Nothing", () => undefined);
    await expect(outcomeOf("Nothing")).resolves.toEqual(refused("Client didn't provide a result."));
  });

  test("two results are an error, even when both are falsy", async () => {
    connection.on("Question", () => 0);
    connection.on("Question", () => null);
    await expect(outcomeOf("Question")).resolves.toEqual(refused("Client provided multiple results."));
  });

  test("one result among handlers that return nothing is the answer", async () => {
    connection.on("Question", () => undefined);
    connection.on("Question", () => "the one");
    connection.on("Question", () => undefined);
    await expect(outcomeOf("Question")).resolves.toMatchObject({ ok: true, result: "the one" });
  });

  test.each([
    [
      "throws an Error",
      () => {
        throw new Error("exact text");
      },
      "exact text",
    ],
    ["rejects", () => Promise.reject(new Error("exact text")), "exact text"],
    [
      "throws a text",
      () => {
        throw "just text" as unknown as Error;
      },
      "just text",
    ],
    [
      "throws a HubError",
      () => {
        throw new HubError("for the hub");
      },
      "for the hub",
    ],
    ["returns what JSON cannot carry", () => 5n, "Cannot be encoded as JSON: Do not know how to serialize a BigInt"],
  ])("a handler that %s answers with the message", async (_name, handler, message) => {
    connection.on("Question", handler);
    await expect(outcomeOf("Question")).resolves.toEqual(refused(message));
  });

  test("an answer of the wrong type fails the question, not the connection", async () => {
    connection.on("Text", () => "no number");
    expect((await failureOf(connection.invoke("AskMeForNumber", "Text", 1, 2))).message).toContain("'AskMeForNumber'");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a failure without detailed errors reaches the asking method's caller only as the framework tells it", async () => {
    connection.on("Question", () => {
      throw new Error("inner");
    });
    expect((await failureOf(connection.invoke("AskMe", "Question", []))).message).toBe(
      "An unexpected error occurred invoking 'AskMe' on the server. HubException: inner",
    );
  });

  test("a handler that never answers holds up nothing", async () => {
    connection.on("Question", () => new Promise(() => undefined));
    const asked = connection.invoke("AskOutcome", "Question", [], 500);
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    await expect(asked).resolves.toMatchObject({ ok: false });
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });
});
