// Our server, as built in dist, with a hub that does what the rows ask for.
import { createHubServer, Hub } from "hubwire/server";
import { serve } from "./control.mjs";
import { countTo, sum } from "./work.mjs";

const group = "some";

class BenchHub extends Hub {
  /** @param {unknown} value */
  Echo(value) {
    return value;
  }

  Join() {
    return this.groups.add(this.context.connectionId, group);
  }

  /** @param {number} count */
  Broadcast(count) {
    for (let index = 0; index < count; index++) void this.clients.all.send("Tick", index);
  }

  /** @param {number} count */
  BroadcastToGroup(count) {
    const clients = this.clients.group(group);
    for (let index = 0; index < count; index++) void clients.send("Tick", index);
  }

  /** @param {number} count */
  Stream(count) {
    return countTo(count);
  }

  /** @param {AsyncIterable<unknown>} items */
  Upload(items) {
    return sum(items);
  }
}

// Pings would come between the messages that the rows count.
const options = { keepAliveInterval: 3_600_000 };
serve((server) => createHubServer(options).mapHub("/hub", BenchHub).attach(server));
