/** Connections as parameters: where typed and untyped ones go. */
import {
  HubConnectionBuilder,
  type HubConnection,
  type MethodArguments,
  type MethodHandler,
  type MethodName,
  type MethodResult,
} from "hubwire";

interface RoomServer {
  Join(room: string): void;
}
interface ChatServer extends RoomServer {
  SendMessage(user: string, text: string): void;
  GetHistory(room: string): string[];
}
interface ChatClient {
  ReceiveMessage(user: string, text: string): void;
}
interface OtherServer {
  Join(room: number): void;
}

const builder = new HubConnectionBuilder().withUrl("/chat");
const loose = builder.build();
const typed = builder.build<ChatServer, ChatClient>();
const half = builder.build<ChatServer>();

function takesAny(connection: HubConnection): void {
  connection.invoke("Whatever", 1);
}
function takesChat(connection: HubConnection<ChatServer, ChatClient>): void {
  connection.invoke("SendMessage", "ada", "hi");
}
function takesRooms(connection: HubConnection<RoomServer>): void {
  connection.invoke("Join", "lobby");
}
function takesOther(connection: HubConnection<OtherServer>): void {
  connection.invoke("Join", 1);
}
function takesCalls(connection: Pick<HubConnection, "invoke" | "on">): void {
  connection.invoke("Whatever", 1);
}

takesAny(loose);
takesAny(typed);
takesAny(half);
takesChat(loose);
takesChat(typed);
takesChat(half);
takesRooms(loose);
takesRooms(half);
takesRooms(typed);
takesOther(half);
//         ~~~~ Argument of type 'HubConnection<ChatServer, any>' is not assignable to parameter of type 'HubConnection<OtherServer, any>'.
takesOther(loose);
takesCalls(loose);
takesCalls(typed);

function takesOtherClient(connection: HubConnection<any, { ReceiveMessage(user: number): void }>): void {
  connection.on("ReceiveMessage", (user) => user.toFixed(2));
}
takesOtherClient(typed);
//               ~~~~~ Argument of type 'HubConnection<ChatServer, ChatClient>' is not assignable to parameter of type 'HubConnection<any, { ReceiveMessage(user: number): void; }>'.
takesOtherClient(half);

const later: HubConnection<ChatServer, ChatClient> = builder.build();
const kept: { connection?: HubConnection } = { connection: typed };
void [later, kept];

// Whoever wraps connections has the types of their methods.
export function listen<Client, Name extends MethodName<Client>>(
  connection: HubConnection<any, Client>,
  name: Name,
  handler: MethodHandler<Client, Name>,
): () => void {
  return connection.on(name, handler);
}
listen(typed, "ReceiveMessage", (user, text) => void [user, text]);
//                               ^? (parameter) user: string
listen(typed, "ReceiveMessage", (user: number) => void user);
//                              ~~~~~~~~~~~~~~~~~~~~~~~~~~~ Argument of type '(user: number) => undefined' is not assignable to parameter of type '(user: string, text: string) => unknown'.
listen(typed, "Receive", () => {});
//            ~~~~~~~~~ Argument of type '"Receive"' is not assignable to parameter of type '"ReceiveMessage"'.

export function call<Server, Name extends MethodName<Server, "once">>(
  connection: HubConnection<Server>,
  name: Name,
  ...args: MethodArguments<Server, Name>
): Promise<void> {
  return connection.send(name, ...args);
}
call(typed, "SendMessage", "ada", "hi");
call(typed, "SendMessage", "ada", 1);
//                                ~ Argument of type 'number' is not assignable to parameter of type 'string'.

export function ask<Server, Name extends MethodName<Server, "once">>(
  connection: HubConnection<Server>,
  name: Name,
  ...args: MethodArguments<Server, Name>
) {
  return connection.invoke<Name>(name, ...args);
}
const asked = ask(typed, "GetHistory", "lobby");
//    ^? const asked: Promise<string[]>

const history: MethodResult<ChatServer, "GetHistory"> = ["hello"];
const parameters: MethodArguments<ChatServer, "SendMessage"> = ["ada", "hi"];
void [asked, history, parameters];
