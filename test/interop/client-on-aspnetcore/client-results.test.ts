/** Questions of the real server, answered by the client's handlers: every kind of answer, and none. */
import { HubError, type HubConnection } from "../../../src/index.js";
import { describeWhen } from "../../support/requirements.js";
import { failureOf, RealHub } from "./real-hub.js";

describeWhen("dotnet", "client results on ASP.NET Core", () => {
  const hub = new RealHub();
  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  /** What the hub makes of the caller's answer. */
  const outcomeOf = (method: string, ...args: unknown[]) => connection.invoke("AskOutcome", method, args, 10_000);

  test.each([[5], [0], [-1.5], [""], ["text €"], [false], [true], [null], [[]], [[1, [2]]], [{ a: { b: null } }]])(
    "%j is answered",
    async (answer) => {
      connection.on("Question", () => answer);
      await expect(outcomeOf("Question")).resolves.toEqual({ ok: true, result: answer, errorType: null, error: null });
    },
  );

  test("the handler gets the arguments, may be asynchronous, and is found in any case", async () => {
    connection.on("GETTEXT", async (question: string) => {
      await new Promise((resolve) => setImmediate(resolve));
      return `${question}!`;
    });
    await expect(connection.invoke("AskMeForText", "getText", "how")).resolves.toBe("client said: how!");
    connection.on("Multiply", (left: number, right: number) => left * right);
    await expect(connection.invoke("AskMeForNumber", "Multiply", 6, 7)).resolves.toBe(42);
    await expect(connection.invoke("AskMe", "Multiply", [2, 3])).resolves.toBe(6);
  });

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

  test("another connection can be asked", async () => {
    const other = await hub.connect();
    other.on("Question", (text: string) => `${text} from ${String(other.connectionId)}`);
    await expect(connection.invoke("AskConnection", other.connectionId, "Question", ["hi"])).resolves.toBe(
      `hi from ${String(other.connectionId)}`,
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

  test("an answer that comes too late is ignored", async () => {
    let answer: (value: string) => void = () => undefined;
    connection.on("Question", () => new Promise<string>((resolve) => (answer = resolve)));
    await expect(connection.invoke("AskOutcome", "Question", [], 100)).resolves.toMatchObject({ ok: false });
    answer("late");
    await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
  });

  test("a handler may call the hub while it is being asked", async () => {
    connection.on("Question", async (left: number) => connection.invoke<number>("Add", left, 1));
    await expect(connection.invoke("AskMe", "Question", [4])).resolves.toBe(5);
  });
});
