/** Questions of the hub, answered by the client's handlers: every kind of answer, and none. */
import { failureOf, upTo } from "../../support/witness.js";
import type { Area } from "../contract.js";

const UNEXPECTED = "An unexpected error occurred invoking 'AskClient' on the server. HubException: ";
const NO_RESULT = "Client didn't provide a result.";
const LONG_MS = 10_000;

/** Client results. */
export const clientResults: Area = {
  name: "client results",
  features: [
    {
      name: "values of every kind, at once or later",
      async run(contract) {
        const connection = await contract.connect();
        for (const value of [5, 0, -1.5, "", "€", true, false, null, [1, [2]], { a: { b: null } }]) {
          const handlers = [() => value, () => new Promise((resolve) => setImmediate(() => resolve(value)))];
          for (const handler of handlers) {
            connection.on("Question", handler);
            const outcome: unknown = await connection.invoke("AskOutcome", "Question", [], LONG_MS);
            expect(outcome).toMatchObject({ ok: true, result: value });
            connection.off("Question");
          }
        }
      },
    },
    {
      name: "the handler gets the arguments, and may call the hub first",
      async run(contract) {
        const connection = await contract.connect();
        connection.on("answer", async (question: string) => {
          const sum: number = await connection.invoke("Add", 1, 2);
          return `${question} ${sum}`;
        });
        await expect(connection.invoke("AskClient", "sum?")).resolves.toBe("client said: sum? 3");
      },
    },
    {
      name: "many questions at once get each its own answer",
      async run(contract) {
        const connection = await contract.connect();
        connection.on("Answer", async (question: string) => {
          await new Promise((resolve) => setImmediate(resolve));
          return `${question}!`;
        });
        const answers = await Promise.all(upTo(50).map((i) => connection.invoke("AskClient", `${i}`)));
        expect(answers).toEqual(upTo(50).map((i) => `client said: ${i}!`));
      },
    },
    {
      name: "another connection is asked",
      async run(contract) {
        const [asking, asked] = [await contract.connect(), await contract.connect()];
        asked.on("Answer", (question: string) => `${question} from the other`);
        await expect(asking.invoke("AskConnection", asked.connectionId, "hi")).resolves.toBe(
          "client said: hi from the other",
        );
      },
    },
    {
      name: "a handler that fails fails the question",
      async run(contract) {
        const connection = await contract.connect();
        connection.on("Answer", () => Promise.reject(new Error("no idea")));
        const { message } = await failureOf(connection.invoke("AskClient", "x"));
        expect(message).toMatch(new RegExp(`^${UNEXPECTED}(Error: )?no idea$`));
      },
    },
    {
      name: "a handler's error reaches the hub as its message",
      needs: "plain-handler-errors",
      async run(contract) {
        const connection = await contract.connect();
        connection.on("Answer", () => {
          throw new Error("no idea");
        });
        expect((await failureOf(connection.invoke("AskClient", "x"))).message).toBe(`${UNEXPECTED}no idea`);
      },
    },
    {
      name: "a missing handler, and one that returns nothing, are answers too",
      async run(contract) {
        const connection = await contract.connect();
        expect((await failureOf(connection.invoke("AskClient", "x"))).message).toBe(UNEXPECTED + NO_RESULT);
        connection.on("Answer", () => undefined);
        expect((await failureOf(connection.invoke("AskClient", "x"))).message).toBe(UNEXPECTED + NO_RESULT);
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "a question that the hub cancels fails there; the late answer is ignored",
      async run(contract) {
        const connection = await contract.connect();
        let answer: (value: string) => void = () => undefined;
        connection.on("Question", () => new Promise<string>((resolve) => (answer = resolve)));
        const outcome: unknown = await connection.invoke("AskOutcome", "Question", [], 50);
        expect(outcome).toMatchObject({ ok: false });
        answer("late");
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    {
      name: "a client that leaves in between fails the question",
      async run(contract) {
        const [asking, asked] = [await contract.connect(), await contract.connect()];
        const question = new Promise<void>((resolve) => {
          asked.on("Answer", () => {
            resolve();
            return new Promise(() => undefined);
          });
        });
        const failure = failureOf(asking.invoke("AskConnection", asked.connectionId, "x"));
        await question;
        await asked.stop();
        expect((await failure).message).toContain("'AskConnection'");
      },
    },
  ],
};
