/** A page's script: compiles with the browser's types alone. */
import * as signalR from "hubwire";
import { ExtData, ExtensionCodec, MessagePackHubProtocol } from "hubwire/msgpack";
import { traceCalls } from "hubwire/opentelemetry";
import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection } from "hubwire";

const connection: HubConnection = new HubConnectionBuilder()
  .withUrl("/chat", { transport: HttpTransportType.WebSockets, accessTokenFactory: () => document.cookie })
  .withHubProtocol(new MessagePackHubProtocol({ extensionCodec: new ExtensionCodec(), useBigInt64: true }))
  .withAutomaticReconnect()
  .configureLogging(LogLevel.Warning)
  .build();

connection.use(traceCalls());
connection.on("message", (user: string, text: string) => console.log(user, text));
connection.onclose((error) => console.log(error?.message));
await connection.start();
await connection.invoke("send", "somebody", "hello");
await connection.with({ timeout: 1_000, headers: { tenant: "a" } }).send("send", "somebody", "hello");
console.log(connection.state === signalR.HubConnectionState.Connected);
connection.on("extension", (value: unknown) => console.log(value instanceof ExtData && value.type));
