/** Connections without interfaces are as untyped as the official client's. */
import { HubConnectionBuilder, type HubConnection } from "hubwire";

interface ChatServer {
  SendMessage(user: string, text: string): void;
}

const connection = new HubConnectionBuilder().withUrl("/chat").build();
//    ^? const connection: HubConnection<any, any>

connection.invoke("Anything", 1, "two", {});
//         ^? (method) HubConnection<any, any>.invoke<any>(methodName: string, ...args: any[]): Promise<any>
connection.invoke<number>("Count");
//         ^? (method) HubConnection<any, any>.invoke<number>(methodName: string, ...args: any[]): Promise<number>
connection.stream<number>("Counter", 10);
//         ^? (method) HubConnection<any, any>.stream<number>(methodName: string, ...args: any[]): StreamResult<number>
connection.stream("Counter");
//         ^? (method) HubConnection<any, any>.stream<any>(methodName: string, ...args: any[]): StreamResult<any>
connection.send("Anything");
//         ^? (method) HubConnection<any, any>.send<"Anything">(methodName: "Anything", ...args: any[]): Promise<void>
connection.on("message", (user, text) => void [user, text]);
//                        ^? (parameter) user: any
connection.on("message", (user: string, text: string) => text.includes(user));
connection.off("message");
connection.off("message", () => {});

export async function results(): Promise<void> {
  const anything = await connection.invoke("Anything");
  //    ^? const anything: any
  const count = await connection.invoke<number>("Count");
  //    ^? const count: number
  const taken: string[] = await connection.invoke("Names");
  const promised: Promise<string[]> = connection.invoke("Names");
  for await (const item of connection.stream<number>("Counter")) item.toFixed(2);
  for await (const item of connection.stream("Counter")) item.whatever();
  const wrong: string = await connection.invoke<number>("Count");
  //    ~~~~~ Type 'number' is not assignable to type 'string'.
  void [anything, count, taken, promised, wrong];
}

export function history(): Promise<string[]> {
  return connection.invoke("GetHistory");
}

const name: string = "Computed";
connection.invoke(name, ...[1, 2, 3]);
connection.send(name, ...[1, 2, 3]);
connection.invoke(1);
//                ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.send();
//         ~~~~ Expected at least 1 arguments, but got 0.

// A server without a client leaves the handlers loose, and the other way round.
const half = new HubConnectionBuilder().withUrl("/chat").build<ChatServer>();
half.on("whatever", (one, two) => void [one, two]);
half.send("SendMessage", "ada", "hi");
const otherHalf = new HubConnectionBuilder().withUrl("/chat").build<any, ChatServer>();
otherHalf.invoke("Whatever", 1);
otherHalf.on("SendMessage", (user) => user.toUpperCase());

// What is not known goes as well.
const unknownHub: HubConnection<unknown, unknown> = connection;
unknownHub.send("Anything", 1);
