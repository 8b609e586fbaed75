/** Calls of the client by the hub: handlers that come and go. */
import { Calls, eventually, upTo } from "../../support/witness.js";
import type { Area } from "../contract.js";

/** Handlers. */
export const handlers: Area = {
  name: "handlers",
  features: [
    {
      name: "arguments of every kind arrive",
      async run(contract) {
        const connection = await contract.connect();
        const custom = new Calls(connection, "Custom");
        const args = [null, true, -1.5, "€", [1, [2]], { a: { b: null } }];
        await connection.invoke("CallMe", "Custom", args);
        await connection.invoke("CallMe", "Custom", []);
        expect(custom.all).toEqual([args, []]);
      },
    },
    {
      name: "names match in any case, and all handlers of a name are called in order",
      async run(contract) {
        const connection = await contract.connect();
        const seen: string[] = [];
        for (const name of ["Custom", "custom", "CUSTOM"]) connection.on(name, (text) => void seen.push(name + text));
        await connection.invoke("CallMe", "cusTOM", ["!"]);
        // The official client waits for one before it calls the next.
        await eventually(() => seen.length >= 3);
        expect(seen).toEqual(["Custom!", "custom!", "CUSTOM!"]);
      },
    },
    {
      name: "off removes one handler, or all of a name",
      async run(contract) {
        const connection = await contract.connect();
        const seen: string[] = [];
        const first = () => void seen.push("first");
        connection.on("Custom", first);
        connection.on("Custom", () => void seen.push("second"));
        connection.on("Other", () => void seen.push("other"));
        connection.off("custom", first);
        await connection.invoke("CallMe", "Custom", []);
        connection.off("Custom");
        await connection.invoke("CallMe", "Custom", []);
        await connection.invoke("CallMe", "Other", []);
        await eventually(() => seen.includes("other"));
        expect(seen).toEqual(["second", "other"]);
      },
    },
    {
      name: "on gives back how to remove the handler",
      needs: "disposers",
      async run(contract) {
        const connection = await contract.connect();
        const seen: string[] = [];
        const dispose = connection.on("Custom", (text) => void seen.push(text));
        connection.on("Custom", (text) => void seen.push(`kept ${text}`));
        await connection.invoke("CallMe", "Custom", ["one"]);
        if (typeof dispose !== "function") throw new Error("no disposer");
        dispose();
        await connection.invoke("CallMe", "Custom", ["two"]);
        expect(seen).toEqual(["one", "kept one", "kept two"]);
      },
    },
    {
      name: "a call for nobody, and a handler that throws, change nothing",
      async run(contract) {
        const connection = await contract.connect();
        connection.on("Throwing", () => {
          throw new Error("a handler that fails");
        });
        const custom = new Calls(connection, "Custom");
        await connection.invoke("CallMe", "NobodyListens", [1]);
        await connection.invoke("CallMe", "Throwing", [1]);
        await connection.invoke("CallMe", "Custom", [1]);
        expect(custom.all).toEqual([[1]]);
      },
    },
    {
      name: "messages come in order, before the answer to what caused them",
      async run(contract) {
        const connection = await contract.connect();
        const ticks = new Calls(connection, "Tick");
        await connection.invoke("Burst", 500);
        expect(ticks.firsts).toEqual(upTo(500));
      },
    },
  ],
};
