/** Calls with options: the same names, arguments and results as without, and the options themselves. */
import { HubConnectionBuilder, type CallOptions, type HubCalls, type StreamResult } from "hubwire";

interface ChatServer {
  Add(left: number, right: number): number;
  Note(text: string): void;
  Count(to: number): AsyncIterable<number>;
  Upload(name: string, chunks: AsyncIterable<string>): number;
}

const connection = new HubConnectionBuilder().withUrl("/chat").build<ChatServer>();
const loose = new HubConnectionBuilder().withUrl("/chat").build();
const { signal } = new AbortController();

const calls: HubCalls<ChatServer> = connection.with({ signal, timeout: 500, headers: { tenant: "a" } });
const sum: Promise<number> = calls.invoke("Add", 1, 2);
const sent: Promise<void> = calls.send("Note", "text");
const items: StreamResult<number> = calls.stream("Count", 3);
const size: Promise<number> = connection.with({ signal }).invoke("Upload", "a", new ReadableStream<string>());
calls.invoke("Add", 1, "2");
//                     ~~~ Argument of type 'string' is not assignable to parameter of type 'number'.
calls.invoke("Missing");
//           ~~~~~~~~~ Argument of type '"Missing"' is not assignable to parameter of type '"Add" | "Note" | "Upload"'.
calls.stream("Add", 1);
//           ~~~~~ Argument of type '"Add"' is not assignable to parameter of type '"Count"'.

const any: Promise<string> = loose.with({ timeout: 500 }).invoke<string>("Whatever", 1, "2");
const looseItems: StreamResult<number> = loose.with({}).stream<number>("Whatever");

const dropping: CallOptions = { streamCapacity: 10, streamOverflow: "drop-oldest" };
connection.with(dropping).stream("Count", 3);
connection.with({ streamOverflow: "explode" });
//                ~~~~~~~~~~~~~~ Type '"explode"' is not assignable to type 'StreamOverflow | undefined'.
connection.with({ timeout: "5" });
//                ~~~~~~~ Type 'string' is not assignable to type 'number'.
connection.with();
//         ~~~~ Expected 1 arguments, but got 0.

connection.use({
  invoke: async (call, next) => {
    call.headers["tenant"] = "a";
    return next({ ...call, args: [...call.args, 1] });
  },
  stream: (call, next) => next(call),
  receive: (call, next) => (call.method === "Ignored" ? undefined : next(call)),
});
export { any, items, looseItems, sent, size, sum };
