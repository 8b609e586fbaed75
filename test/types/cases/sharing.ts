/** One file of interfaces for both ends: the hub implements what its clients are built with. */
import { createHubConnection, HubConnectionBuilder, Subject, webSockets } from "hubwire";
import { Hub } from "hubwire/server";

interface ChatServer {
  sendMessage(user: string, text: string): void;
  getHistory(room: string): string[] | Promise<string[]>;
  counter(to: number): AsyncIterable<number>;
  upload(name: string, chunks: AsyncIterable<string>): Promise<number>;
}

interface ChatClient {
  ReceiveMessage(user: string, text: string): void;
}

export class ChatHub extends Hub<ChatClient> implements ChatServer {
  async sendMessage(user: string, text: string) {
    await this.clients.all.send("ReceiveMessage", user, text);
  }
  async getHistory(room: string) {
    return [`welcome to ${room}`];
  }
  async *counter(to: number) {
    for (let i = 0; i < to; i++) yield i;
  }
  async upload(_name: string, chunks: AsyncIterable<string>) {
    let size = 0;
    for await (const chunk of chunks) size += chunk.length;
    return size;
  }
}

export declare class WrongHub extends Hub<ChatClient> implements ChatServer {
  public sendMessage(user: number): void;
  //     ~~~~~~~~~~~ Property 'sendMessage' in type 'WrongHub' is not assignable to the same property in base type 'ChatServer'.
  public getHistory(room: string): string;
  //     ~~~~~~~~~~ Property 'getHistory' in type 'WrongHub' is not assignable to the same property in base type 'ChatServer'.
  public counter(): AsyncGenerator<string>;
  //     ~~~~~~~ Property 'counter' in type 'WrongHub' is not assignable to the same property in base type 'ChatServer'.
  public upload(name: string, chunks: AsyncIterable<string>): Promise<number>;
}

const built = new HubConnectionBuilder().withUrl("/chat").build<ChatServer, ChatClient>();
const made = createHubConnection<ChatServer, ChatClient>("/chat", { transports: [webSockets] });
//    ^? const made: HubConnection<ChatServer, ChatClient>
built.invoke("getHistory", "lobby");
//    ^? (method) HubConnection<ChatServer, ChatClient>.invoke<"getHistory">(methodName: "getHistory", room: string): Promise<string[]>
made.invoke("upload", "a.txt", new Subject<string>());
//   ^? (method) HubConnection<ChatServer, ChatClient>.invoke<"upload">(methodName: "upload", name: string, chunks: StreamSource<string>): Promise<number>
made.invoke("upload", "a.txt", new Subject<number>());
//                             ~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<number>' is not assignable to parameter of type 'StreamSource<string>'.
made.stream("counter", "ten");
//                     ~~~~~ Argument of type 'string' is not assignable to parameter of type 'number'.
made.on("ReceiveMessage", (user, text) => void [user, text]);
