/** Calls: names, arguments, results. */
import { HubConnectionBuilder } from "hubwire";

interface Message {
  readonly user: string;
  readonly text: string;
}

enum Colour {
  Red,
  Green,
}

interface ChatServer {
  SendMessage(user: string, text: string): void;
  GetHistory(room: string): Message[];
  GetUsers(room: string): Promise<readonly string[]>;
  Leave: () => Promise<void>;
  Counter(to: number, delayMs: number): AsyncIterable<number>;
  Search(text: string, limit?: number): Message[];
  Invite(room: string, ...users: string[]): number;
  Paint(colour: Colour, at: [x: number, y: number]): void;
  Tag(tags: readonly string[], kind: "a" | "b"): void;
  At(when: Date): Date;
  Anything(value: any, other: unknown): any;
  Echo<T>(value: T): T;
  Find(id: number): Message;
  Find(text: string): Message[];
  Optional?(text: string): string;
  Untyped: any;
  readonly version: number;
}

const connection = new HubConnectionBuilder().withUrl("/chat").build<ChatServer>();

// Names
connection.invoke("GetHistory", "lobby");
//         ^? (method) HubConnection<ChatServer, any>.invoke<"GetHistory">(methodName: "GetHistory", room: string): Promise<Message[]>
connection.invoke("getHistory", "lobby");
//                ~~~~~~~~~~~~ Argument of type '"getHistory"' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
connection.send("SendMessage", "ada", "hi");
//         ^? (method) HubConnection<ChatServer, any>.send<"SendMessage">(methodName: "SendMessage", user: string, text: string): Promise<void>
connection.send("Sendmessage", "ada", "hi");
//              ~~~~~~~~~~~~~ Argument of type '"Sendmessage"' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
connection.invoke("version");
//                ~~~~~~~~~ Argument of type '"version"' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
connection.invoke("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
//                 ^| Anything, At, Echo, Find, GetHistory, GetUsers, Invite, Leave, Optional, Paint, Search, SendMessage, Tag, Untyped
connection.send("");
//              ~~ Argument of type '""' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
//               ^| Anything, At, Echo, Find, GetHistory, GetUsers, Invite, Leave, Optional, Paint, Search, SendMessage, Tag, Untyped
connection.stream("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"Anything" | "Counter" | "Untyped"'.
//                 ^| Anything, Counter, Untyped

// Arguments
connection.send("SendMessage", "ada", 1);
//                                    ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.send("SendMessage", 1, "hi");
//                             ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.send("SendMessage", "ada");
//         ~~~~ Expected 3 arguments, but got 2.
//         ^? (method) HubConnection<ChatServer, any>.send<"SendMessage">(methodName: "SendMessage", user: string, text: string): Promise<void>
//                             ^( send(methodName: "SendMessage", «user: string», text: string): Promise<void>
connection.send("SendMessage", "ada", "hi", 1);
//                                          ~ Expected 3 arguments, but got 4.
connection.invoke("GetHistory", 1);
//                              ~ Argument of type 'number' is not assignable to parameter of type 'string'.
//                              ^( invoke(methodName: "GetHistory", «room: string»): Promise<Message[]>
connection.invoke("GetHistory");
//         ~~~~~~ Expected 2 arguments, but got 1.
//         ^? (method) HubConnection<ChatServer, any>.invoke<"GetHistory">(methodName: "GetHistory", room: string): Promise<Message[]>
connection.invoke("GetHistory", "lobby", "x");
//                                       ~~~ Expected 2 arguments, but got 3.
connection.invoke("Leave", 1);
//                         ~ Expected 1 arguments, but got 2.
connection.invoke("Search", "text");
connection.invoke("Search", "text", 10);
connection.invoke("Search", "text", "10");
//         ^? (method) HubConnection<ChatServer, any>.invoke<"Search">(methodName: "Search", text: string, limit?: number | undefined): Promise<Message[]>
//                                  ~~~~ Argument of type 'string' is not assignable to parameter of type 'number'.
connection.invoke("Invite", "lobby");
connection.invoke("Invite", "lobby", "ada", "bob");
connection.invoke("Invite", "lobby", "ada", 2);
//         ^? (method) HubConnection<ChatServer, any>.invoke<"Invite">(methodName: "Invite", room: string, ...users: string[]): Promise<number>
//                                          ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.invoke("Paint", Colour.Red, [1, 2]);
connection.invoke("Paint", "red", [1, 2]);
//                         ~~~~~ Argument of type '"red"' is not assignable to parameter of type 'Colour'.
connection.invoke("Paint", Colour.Green, [1]);
//                                       ~~~ Argument of type '[number]' is not assignable to parameter of type '[x: number, y: number]'.
connection.invoke("Tag", ["x"] as const, "a");
connection.invoke("Tag", ["x"], "c");
//                              ~~~ Argument of type '"c"' is not assignable to parameter of type '"a" | "b"'.
connection.invoke("Tag", [], "");
//                           ~~ Argument of type '""' is not assignable to parameter of type '"a" | "b"'.
//                            ^| a, b
connection.invoke("At", new Date());
connection.invoke("At", "2024-01-01");
//                      ~~~~~~~~~~~~ Argument of type 'string' is not assignable to parameter of type 'Date'.
connection.invoke("Anything", 1, Symbol.iterator);
connection.invoke("Anything", 1);
//         ~~~~~~ Expected 3 arguments, but got 2.

// What TypeScript tells of a method: of overloads the last one, of a type parameter what it must be.
connection.invoke("Find", "hi");
//         ^? (method) HubConnection<ChatServer, any>.invoke<"Find">(methodName: "Find", text: string): Promise<Message[]>
connection.invoke("Find", 1);
//                        ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.invoke("Echo", 1);
//         ^? (method) HubConnection<ChatServer, any>.invoke<"Echo">(methodName: "Echo", value: unknown): Promise<unknown>

connection.invoke("Optional", 1);
//                            ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.invoke("Untyped", 1, "two");
//         ^? (method) HubConnection<ChatServer, any>.invoke<"Untyped">(methodName: "Untyped", ...args: any[]): Promise<any>

// Results
export async function results(): Promise<void> {
  const history = await connection.invoke("GetHistory", "lobby");
  //    ^? const history: Message[]
  const users = await connection.invoke("GetUsers", "lobby");
  //    ^? const users: readonly string[]
  const nothing = await connection.invoke("Leave");
  //    ^? const nothing: void
  const when = await connection.invoke("At", new Date());
  //    ^? const when: Date
  const anything = await connection.invoke("Anything", 1, 2);
  //    ^? const anything: any
  const same = await connection.invoke("Echo", 1);
  //    ^? const same: unknown
  const wrong: number = await connection.invoke("GetHistory", "lobby");
  //    ~~~~~ Type 'Message[]' is not assignable to type 'number'.
  const other: Promise<string[]> = connection.invoke("GetHistory", "lobby");
  //    ~~~~~ Type 'Promise<Message[]>' is not assignable to type 'Promise<string[]>'.
  await connection.invoke<number>("GetHistory", "lobby");
  //                      ~~~~~~ Type 'number' does not satisfy the constraint '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
  await connection.invoke<"GetHistory">("GetHistory", "lobby");
  void [history, users, nothing, when, anything, same, wrong, other];
}

// Streams
connection.stream("Counter", 10, 500);
//         ^? (method) HubConnection<ChatServer, any>.stream<"Counter">(methodName: "Counter", to: number, delayMs: number): StreamResult<number>
connection.stream("Counter", 10, "500");
//                               ~~~~~ Argument of type 'string' is not assignable to parameter of type 'number'.
connection.stream("GetHistory", "lobby");
//                ~~~~~~~~~~~~ Argument of type '"GetHistory"' is not assignable to parameter of type '"Anything" | "Counter" | "Untyped"'.
connection.invoke("Counter", 10, 500);
//                ~~~~~~~~~ Argument of type '"Counter"' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
connection.send("Counter", 10, 500);
//              ~~~~~~~~~ Argument of type '"Counter"' is not assignable to parameter of type '"Anything" | "At" | "Echo" | "Find" | "GetHistory" | "GetUsers" | "Invite" | "Leave" | "Optional" | "Paint" | "Search" | "SendMessage" | "Tag" | "Untyped"'.
