/** A hub class of the server as the interface of its clients: what they can call are its own public methods. */
import { HubConnectionBuilder } from "hubwire";
import { Hub } from "hubwire/server";

interface ChatClient {
  ReceiveMessage(user: string, text: string): void;
}

abstract class RoomHub extends Hub<ChatClient> {
  join(room: string): Promise<void> {
    return this.groups.add(this.context.connectionId, room);
  }
}

class ChatHub extends RoomHub {
  static readonly streamParameters = { upload: [1] };
  readonly started = new Date();
  #calls = 0;

  override onConnected(): void {
    this.#calls++;
  }
  async sendMessage(user: string, text = "hi"): Promise<number> {
    await this.clients.all.send("ReceiveMessage", user, text);
    return this.#calls;
  }
  async *counter(to: number) {
    for (let i = 0; i < to; i++) yield i;
  }
  async upload(name: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    for await (const chunk of chunks) void [name, chunk];
    return 1;
  }
  _helper(): void {}
  protected check(): void {}
  private log(): void {}
}

const connection = new HubConnectionBuilder().withUrl("/chat").build<ChatHub, ChatClient>();

connection.invoke("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
//                 ^| join, sendMessage, upload
connection.stream("");
//         ~~~~~~ Expected 2 arguments, but got 1.
//                 ^| counter
connection.invoke("sendMessage", "ada");
//         ^? (method) HubConnection<ChatHub, ChatClient>.invoke<"sendMessage">(methodName: "sendMessage", user: string, text?: string | undefined): Promise<number>
connection.invoke("sendMessage", "ada", "hi");
connection.invoke("sendMessage", "ada", 1);
//                                      ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.invoke("join", "lobby");
//         ^? (method) HubConnection<ChatHub, ChatClient>.invoke<"join">(methodName: "join", room: string): Promise<void>
connection.stream("counter", 3);
//         ^? (method) HubConnection<ChatHub, ChatClient>.stream<"counter">(methodName: "counter", to: number): StreamResult<number>
connection.invoke("upload", "a", new ReadableStream<Uint8Array>());
//         ^? (method) HubConnection<ChatHub, ChatClient>.invoke<"upload">(methodName: "upload", name: string, chunks: StreamSource<Uint8Array<ArrayBufferLike>>): Promise<number>

// Hubs find methods whatever the case of the name; the types are exact.
connection.invoke("SendMessage", "ada");
//                ~~~~~~~~~~~~~ Argument of type '"SendMessage"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
// Not for clients.
connection.invoke("onConnected");
//                ~~~~~~~~~~~~~ Argument of type '"onConnected"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
connection.invoke("_helper");
//                ~~~~~~~~~ Argument of type '"_helper"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
connection.invoke("check");
//                ~~~~~~~ Argument of type '"check"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
connection.invoke("log");
//                ~~~~~ Argument of type '"log"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
connection.invoke("clients");
//                ~~~~~~~~~ Argument of type '"clients"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.
connection.invoke("started");
//                ~~~~~~~~~ Argument of type '"started"' is not assignable to parameter of type '"join" | "sendMessage" | "upload"'.

// The class of a hub elsewhere, and a class of nobody's.
class Calculator {
  add(left: number, right: number): number {
    return left + right;
  }
  onConnected(): void {}
}
const calculator = new HubConnectionBuilder().withUrl("/sum").build<Calculator>();
calculator.invoke("add", 1, 2);
//         ^? (method) HubConnection<Calculator, any>.invoke<"add">(methodName: "add", left: number, right: number): Promise<number>
calculator.invoke("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"add" | "onConnected"'.
//                 ^| add, onConnected
