/** Handlers: what the hub may call here, and what they answer. */
import { HubConnectionBuilder } from "hubwire";

interface Place {
  readonly city: string;
}

interface ChatClient {
  ReceiveMessage(user: string, text: string, at?: Date): void;
  Clear(): void;
  Saved: (ids: readonly number[], ...tags: string[]) => Promise<void>;
  GetLocation(precise: boolean): Place;
  GetName(): Promise<string>;
  Maybe(): string | undefined;
  Anything(value: any): any;
  Untyped: any;
}

const connection = new HubConnectionBuilder().withUrl("/chat").build<any, ChatClient>();

connection.on("", () => undefined);
//            ~~ Argument of type '""' is not assignable to parameter of type '"Anything" | "Clear" | "GetLocation" | "GetName" | "Maybe" | "ReceiveMessage" | "Saved" | "Untyped"'.
//             ^| Anything, Clear, GetLocation, GetName, Maybe, ReceiveMessage, Saved, Untyped
connection.on("ReceiveMessage", (user, text, at) => void [user, text, at]);
//         ^? (method) HubConnection<any, ChatClient>.on<"ReceiveMessage">(methodName: "ReceiveMessage", newMethod: (user: string, text: string, at?: Date | undefined) => unknown): Disposer
//                               ^? (parameter) user: string
//                                           ^? (parameter) at: Date | undefined
connection.on("receiveMessage", () => undefined);
//            ~~~~~~~~~~~~~~~~ Argument of type '"receiveMessage"' is not assignable to parameter of type '"Anything" | "Clear" | "GetLocation" | "GetName" | "Maybe" | "ReceiveMessage" | "Saved" | "Untyped"'.

// A handler may take fewer parameters, return what nobody wants, and take more general ones.
connection.on("ReceiveMessage", () => {});
connection.on("ReceiveMessage", (user) => user.length);
connection.on("ReceiveMessage", async (user) => void user);
connection.on("ReceiveMessage", (user: unknown, ...rest: unknown[]) => void [user, rest]);
connection.on("ReceiveMessage", console.log);
connection.on("ReceiveMessage", (user: number) => void user);
//                              ~~~~~~~~~~~~~~~~~~~~~~~~~~~ Argument of type '(user: number) => undefined' is not assignable to parameter of type '(user: string, text: string, at?: Date | undefined) => unknown'.
connection.on("ReceiveMessage", (user, text, at, more) => void [user, text, at, more]);
//                              ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ Argument of type '(user: string, text: string, at: Date | undefined, more: ParametersOf<MethodOf<ChatClient, K>>[3]) => undefined' is not assignable to parameter of type '(user: string, text: string, at?: Date | undefined) => unknown'.
connection.on("ReceiveMessage", (user) => user.size);
//                                             ~~~~ Property 'size' does not exist on type 'string'.
connection.on("ReceiveMessage");
//         ~~ Expected 2 arguments, but got 1.
connection.on("ReceiveMessage", "handler");
//                              ~~~~~~~~~ Argument of type 'string' is not assignable to parameter of type '(user: string, text: string, at?: Date | undefined) => unknown'.
connection.on("Clear", (what) => what);
//                     ~~~~~~~~~~~~~~ Argument of type '(what: ParametersOf<MethodOf<ChatClient, K>>[0]) => ParametersOf<MethodOf<ChatClient, K>>[0]' is not assignable to parameter of type '() => unknown'.
connection.on("Saved", async (ids, ...tags) => void [ids, tags]);
//         ^? (method) HubConnection<any, ChatClient>.on<"Saved">(methodName: "Saved", newMethod: (ids: readonly number[], ...tags: string[]) => unknown): Disposer
connection.on("Saved", (ids) => ids.push(1));
//                                  ~~~~ Property 'push' does not exist on type 'readonly number[]'.

// Results
connection.on("GetLocation", (precise) => ({ city: precise ? "Berlin" : "?" }));
//         ^? (method) HubConnection<any, ChatClient>.on<"GetLocation">(methodName: "GetLocation", newMethod: (precise: boolean) => Place | PromiseLike<Place>): Disposer
connection.on("GetLocation", async () => ({ city: "Berlin" }));
connection.on("GetLocation", () => Promise.resolve({ city: "Berlin" }));
connection.on("GetLocation", () => ({ town: "Berlin" }));
//                                 ~~~~~~~~~~~~~~~~~~~~ Type '{ town: string; }' is not assignable to type 'Place | PromiseLike<Place>'.
connection.on("GetLocation", () => "Berlin");
//                                 ~~~~~~~~ Type 'string' is not assignable to type 'Place | PromiseLike<Place>'.
connection.on("GetLocation", async () => "Berlin");
//                                       ~~~~~~~~ Type 'Promise<string>' is not assignable to type 'Place | PromiseLike<Place>'.
connection.on("GetLocation", () => {});
//                           ~~~~~~~~ Argument of type '() => void' is not assignable to parameter of type '(precise: boolean) => Place | PromiseLike<Place>'.
connection.on("GetName", () => "ada");
connection.on("GetName", async () => "ada");
connection.on("GetName", () => 1);
//                             ~ Type 'number' is not assignable to type 'string | PromiseLike<string>'.
connection.on("Maybe", () => undefined);
connection.on("Maybe", () => "x");
connection.on("Anything", (value) => value.whatever);
connection.on("Untyped", (one: string, two: number) => [one, two]);

// Removing
function onMessage(user: string, text: string): void {
  void [user, text];
}
const dispose = connection.on("ReceiveMessage", onMessage);
dispose();
connection.off("ReceiveMessage", onMessage);
//         ^? (method) HubConnection<any, ChatClient>.off<"ReceiveMessage">(methodName: "ReceiveMessage", method?: ((user: string, text: string, at?: Date | undefined) => unknown) | undefined): void
connection.off("ReceiveMessage");
connection.off("Clear", onMessage);
//                      ~~~~~~~~~ Argument of type '(user: string, text: string) => void' is not assignable to parameter of type '() => unknown'.
connection.off("receive");
//             ~~~~~~~~~ Argument of type '"receive"' is not assignable to parameter of type '"Anything" | "Clear" | "GetLocation" | "GetName" | "Maybe" | "ReceiveMessage" | "Saved" | "Untyped"'.
