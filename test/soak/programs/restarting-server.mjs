// A hub server that is killed and started again on the same port, with the methods of the real server that the clients call.
import { once } from "node:events";
import { createServer } from "node:http";
import { createHubServer, Hub } from "../../../dist/node/server.mjs";

class SoakHub extends Hub {
  add(left, right) {
    return left + right;
  }

  async *flood(count) {
    for (let item = 0; item < count; item++) yield item;
  }
}

const hubs = createHubServer({ logger: null });
hubs.mapHub("/hub", SoakHub);
hubs.mapHub("/stateful", SoakHub, { allowStatefulReconnects: true });
const http = hubs.attach(createServer());
http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4_096 });
await once(http, "listening");
process.send({ kind: "listening" });
