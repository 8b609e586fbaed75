/** A CommonJS module in Node. */
import hubwire = require("hubwire");
import msgpack = require("hubwire/msgpack");
import tracing = require("hubwire/opentelemetry");
import server = require("hubwire/server");

class EchoHub extends server.Hub {
  echo(text: string): string {
    return text;
  }
}

const hubs = server.createHubServer({
  protocols: [new msgpack.MessagePackHubProtocol()],
  filters: [tracing.traceHubs()],
});
hubs.mapHub("/echo", EchoHub);
const builder: hubwire.HubConnectionBuilder = new hubwire.HubConnectionBuilder();
builder.withUrl("http://localhost/echo");
