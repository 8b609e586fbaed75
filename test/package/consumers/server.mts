/** An ES module in Node that is a client and a server at once. */
import { createServer } from "node:http";
import { HubConnectionBuilder } from "hubwire";
import { createHubServer, Hub } from "hubwire/server";

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }
}

const hubs = createHubServer();
hubs.mapHub("/echo", EchoHub);
hubs.attach(createServer()).listen(0);
await new HubConnectionBuilder().withUrl("http://localhost/echo").build().start();
await hubs.close();
