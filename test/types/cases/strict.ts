/** What the compiler only sees in a strict project: there everything may be nothing, and parameters go both ways. */
import { HubConnectionBuilder, Subject } from "hubwire";

interface NumberServer {
  Record(numbers: AsyncIterable<number>): void;
  Find(name: string): string | null;
}

const connection = new HubConnectionBuilder().withUrl("/numbers").build<NumberServer, { GetName(): string }>();

connection.send("Record", new Subject<number | string>());
//                        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<string | number>' is not assignable to parameter of type 'StreamSource<number>'.
connection.send("Record", new Subject<unknown>());
//                        ~~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<unknown>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Find", null);
//                        ~~~~ Argument of type 'null' is not assignable to parameter of type 'string'.
connection.on("GetName", () => undefined);
//                             ~~~~~~~~~ Type 'undefined' is not assignable to type 'string | PromiseLike<string>'.

export async function find(): Promise<string> {
  const found = await connection.invoke("Find", "ada");
  //    ^? const found: string | null
  return found.trim();
  //     ~~~~~ 'found' is possibly 'null'.
}

// No interface is not the same as one without methods.
const silent = new HubConnectionBuilder().withUrl("/chat").build<{}, {}>();
silent.send("Anything");
//          ~~~~~~~~~~ Argument of type '"Anything"' is not assignable to parameter of type 'never'.
silent.on("Anything", () => {});
//        ~~~~~~~~~~ Argument of type '"Anything"' is not assignable to parameter of type 'never'.
