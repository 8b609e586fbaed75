/** A CommonJS module in Node. */
import hubwire = require("hubwire");
import msgpack = require("hubwire/msgpack");
import server = require("hubwire/server");

class EchoHub extends server.Hub {
  echo(text: string): string {
    return text;
  }
}

const hubs = server.createHubServer({ protocols: [new msgpack.MessagePackHubProtocol()] });
hubs.mapHub("/echo", EchoHub);
const builder: hubwire.HubConnectionBuilder = new hubwire.HubConnectionBuilder();
builder.withUrl("http://localhost/echo");
