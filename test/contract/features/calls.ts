/** Calls of hub methods: results, order, and the exact texts of errors. */
import { failureOf, upTo } from "../../support/witness.js";
import type { Area, Feature } from "../contract.js";

const UNEXPECTED = (method: string) => `An unexpected error occurred invoking '${method}' on the server.`;
const FAILED = (method: string) => `Failed to invoke '${method}' due to an error on the server.`;

/** The call fails with this text, and the connection lives on. */
function fails(name: string, method: string, args: readonly unknown[], text: string): Feature {
  return {
    name,
    async run(contract) {
      const connection = await contract.connect();
      expect((await failureOf(connection.invoke(method, ...args))).message).toBe(text);
      await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
    },
  };
}

/** Calls. */
export const calls: Area = {
  name: "calls",
  features: [
    {
      name: "invoke gives the result; names match in any case",
      async run(contract) {
        const connection = await contract.connect();
        for (const name of ["Add", "add", "ADD"]) await expect(connection.invoke(name, 20, 22)).resolves.toBe(42);
      },
    },
    {
      name: "a method without a result answers null",
      async run(contract) {
        const connection = await contract.connect();
        await expect(connection.invoke("Nothing")).resolves.toBeNull();
      },
    },
    {
      name: "many calls in flight get each its own answer, in order",
      async run(contract) {
        const connection = await contract.connect();
        const order: number[] = [];
        const sums = await Promise.all(
          upTo(500).map((i) => connection.invoke<number>("Add", i, i).finally(() => order.push(i))),
        );
        expect(sums).toEqual(upTo(500).map((i) => 2 * i));
        expect(order).toEqual(upTo(500));
      },
    },
    {
      name: "a call waits for the one before it",
      async run(contract) {
        const [connection, other] = [await contract.connect(), await contract.connect()];
        const gate = contract.newName();
        const order: string[] = [];
        const first = connection.invoke("WaitAtGate", gate).then(() => order.push("first"));
        const second = connection.invoke("Note", "second").then(() => order.push("second"));
        await other.invoke("OpenGate", gate);
        await Promise.all([first, second]);
        expect(order).toEqual(["first", "second"]);
      },
    },
    {
      name: "send gives nothing, and arrives in order with what follows",
      async run(contract) {
        const connection = await contract.connect();
        const texts = upTo(100).map((i) => `note ${i}`);
        const sent = await Promise.all(texts.map((text) => connection.send("Note", text)));
        expect(sent).toEqual(texts.map(() => undefined));
        await expect(connection.invoke("Notes")).resolves.toEqual(texts);
      },
    },
    {
      name: "send does not hear of failures, and the connection lives on",
      async run(contract) {
        const connection = await contract.connect();
        await connection.send("Fail");
        await connection.send("FailHub", "unheard");
        await connection.send("NoSuchMethod");
        await expect(connection.invoke("Add", 1, 1)).resolves.toBe(2);
      },
    },
    fails("an ordinary error is hidden", "Fail", [], UNEXPECTED("Fail")),
    fails("a hub error is told", "FailHub", ['Nö: "no"'], `${UNEXPECTED("FailHub")} HubException: Nö: "no"`),
    fails("an unknown method", "Missing", [], `${FAILED("Missing")} HubException: Method does not exist.`),
    fails("a wrong number of arguments", "Add", [1], FAILED("Add")),
    fails(
      "a streaming method called plainly",
      "Counter",
      [1, 0],
      "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation.",
    ),
    {
      name: "nothing but the hub's own methods can be called",
      async run(contract) {
        const connection = await contract.connect();
        for (const name of ["OnConnectedAsync", "onConnected", "constructor", "toString", "Dispose", "__proto__"]) {
          const { message } = await failureOf(connection.invoke(name));
          expect(message).toBe(`${FAILED(name)} HubException: Method does not exist.`);
        }
      },
    },
  ],
};
