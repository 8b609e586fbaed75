/** An ES module in Node that is a client and a server at once. */
import { createServer } from "node:http";
import { HubConnectionBuilder, JsonHubProtocol } from "hubwire";
import { MessagePackHubProtocol } from "hubwire/msgpack";
import { traceCalls, traceHubs } from "hubwire/opentelemetry";
import { createHubServer, Hub } from "hubwire/server";

class EchoHub extends Hub {
  echo(text: string): string {
    return text;
  }
}

const hubs = createHubServer({
  protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()],
  filters: [traceHubs()],
});
hubs.mapHub("/echo", EchoHub);
hubs.attach(createServer()).listen(0);
const connection = new HubConnectionBuilder().withUrl("http://localhost/echo").build();
connection.use(traceCalls());
await connection.start();
await hubs.close();
