/** An ES module in Node that is a client and a server at once. */
import { createServer } from "node:http";
import { HubConnectionBuilder, JsonHubProtocol } from "hubwire";
import { MessagePackHubProtocol } from "hubwire/msgpack";
import { createHubServer, Hub } from "hubwire/server";

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }
}

const hubs = createHubServer({ protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()] });
hubs.mapHub("/echo", EchoHub);
hubs.attach(createServer()).listen(0);
await new HubConnectionBuilder().withUrl("http://localhost/echo").build().start();
await hubs.close();
