/** The server's side: calls to clients whose interface the hub names. */
import { createHubServer, Hub, type ClientProxy, type HubClients } from "hubwire/server";

interface ChatClient {
  ReceiveMessage(user: string, text: string): void;
  GetLocation(precise: boolean): Promise<{ city: string }>;
  Clear(): void;
  readonly version: number;
}

export class ChatHub extends Hub<ChatClient> {
  async typed(): Promise<void> {
    await this.clients.all.send("ReceiveMessage", "ada", "hi");
    //                     ^? (method) ClientProxy<ChatClient>.send<"ReceiveMessage">(method: "ReceiveMessage", user: string, text: string): Promise<void>
    await this.clients.all.send("");
    //                          ~~ Argument of type '""' is not assignable to parameter of type '"Clear" | "GetLocation" | "ReceiveMessage"'.
    //                           ^| Clear, GetLocation, ReceiveMessage
    await this.clients.all.send("receiveMessage", "ada", "hi");
    //                          ~~~~~~~~~~~~~~~~ Argument of type '"receiveMessage"' is not assignable to parameter of type '"Clear" | "GetLocation" | "ReceiveMessage"'.
    await this.clients.all.send("version");
    //                          ~~~~~~~~~ Argument of type '"version"' is not assignable to parameter of type '"Clear" | "GetLocation" | "ReceiveMessage"'.
    await this.clients.group("lobby").send("ReceiveMessage", "ada");
    //                                ~~~~ Expected 3 arguments, but got 2.
    //                                                       ^( send(method: "ReceiveMessage", «user: string», text: string): Promise<void>
    await this.clients.user("ada").send("ReceiveMessage", "ada", 1);
    //                                                           ~ Argument of type 'number' is not assignable to parameter of type 'string'.
    await this.clients.others.send("ReceiveMessage", 1, "hi");
    //                                               ~ Argument of type 'number' is not assignable to parameter of type 'string'.
    await this.clients.others.invoke("GetLocation", true);
    //                        ~~~~~~ Property 'invoke' does not exist on type 'ClientProxy<ChatClient>'.
    const place = await this.clients.caller.invoke("GetLocation", true);
    //    ^? const place: { city: string; }
    await this.clients.client("x").invoke("GetLocation", "yes");
    //                             ^? (method) SingleClientProxy<ChatClient>.invoke<"GetLocation">(method: "GetLocation", precise: boolean): Promise<{ city: string; }>
    //                                                   ~~~~~ Argument of type 'string' is not assignable to parameter of type 'boolean'.
    await this.clients.client("x").invoke("Clear");
    const wrong: number = await this.clients.caller.invoke("GetLocation", true);
    //    ~~~~~ Type '{ city: string; }' is not assignable to type 'number'.
    await this.clients.caller.invoke<number>("GetLocation", true);
    //                               ~~~~~~ Type 'number' does not satisfy the constraint '"Clear" | "GetLocation" | "ReceiveMessage"'.
    await this.clients.caller.with({ signal: this.signal }).invoke("GetLocation", true);
    void [place, wrong];
  }
}

export class LooseHub extends Hub {
  async loose(): Promise<void> {
    await this.clients.all.send("Whatever", 1, "two");
    const answer = await this.clients.caller.invoke("Question", 1);
    //    ^? const answer: unknown
    const count = await this.clients.caller.invoke<number>("Count");
    //    ^? const count: number
    void [answer, count];
  }
}

const server = createHubServer();
server.mapHub("/chat", ChatHub);
server.hub(ChatHub).clients.all.send("ReceiveMessage", "system", "hi");
//                              ^? (method) ClientProxy<ChatClient>.send<"ReceiveMessage">(method: "ReceiveMessage", user: string, text: string): Promise<void>
server.hub(ChatHub).clients.all.send("Receive", "system", "hi");
//                                   ~~~~~~~~~ Argument of type '"Receive"' is not assignable to parameter of type '"Clear" | "GetLocation" | "ReceiveMessage"'.
server.hub(ChatHub).clients.client("x").invoke("GetLocation", true);
server.hub(LooseHub).clients.all.send("Whatever", 1);

function takesChat(clients: HubClients<ChatClient>, proxy: ClientProxy<ChatClient>): void {
  clients.all.send("Clear");
  proxy.send("Clear");
}
function takesOther(clients: HubClients<{ Clear(what: string): number }>): void {
  clients.all.send("Clear", "it");
}
function takesFewer(clients: HubClients<Pick<ChatClient, "Clear">>): void {
  clients.all.send("Clear");
}
const { clients } = server.hub(ChatHub);
takesChat(clients, clients.client("x"));
takesOther(clients);
//         ~~~~~~~ Argument of type 'HubClients<ChatClient>' is not assignable to parameter of type 'HubClients<{ Clear(what: string): number; }>'.
takesFewer(clients);
takesChat(server.hub(LooseHub).clients, server.hub(LooseHub).clients.all);
