// Many connections of the client that come back whenever their server does; reports what the process holds each time that all are back.
import { HttpTransportType, HubConnectionBuilder, LogLevel } from "../../../dist/node/index.mjs";
import { census, usedBytes } from "./memory.mjs";

/** What the connections are, turn by turn: as apps are, mostly WebSockets. */
const KINDS = [
  { transport: "WebSockets" },
  { transport: "WebSockets", isStateful: true },
  { transport: "ServerSentEvents" },
  { transport: "WebSockets" },
  { transport: "LongPolling" },
];

const [url, count] = process.argv.slice(2);
const complaints = [];
for (const event of ["unhandledRejection", "uncaughtException", "warning"]) {
  process.on(event, (what) => complaints.push(`${event}: ${what?.stack ?? what}`));
}

/** Short delays with jitter, for ever. */
const retryPolicy = { nextRetryDelayInMilliseconds: () => 20 + Math.random() * 200 };

let [returns, losses] = [0, 0];

/** A connection that comes back. */
class Client {
  constructor({ transport, isStateful }) {
    const options = { transport: HttpTransportType[transport], logger: LogLevel.Error };
    const path = isStateful ? "/stateful" : "/hub";
    const builder = new HubConnectionBuilder().withUrl(url + path, options).withAutomaticReconnect(retryPolicy);
    if (isStateful) builder.withStatefulReconnect();
    this.connection = builder.build();
    this.connection.onclose((error) => complaints.push(`closed: ${error?.stack ?? "without an error"}`));
    this.connection.onreconnecting(() => losses++);
    this.connection.onreconnected(() => {
      returns++;
      this.isBack?.();
    });
  }

  /** Waits until it can talk to the server, which is another one each time. */
  async meet() {
    for (;;) {
      const next = new Promise((resolve) => (this.isBack = resolve));
      try {
        if ((await this.connection.invoke("Add", 1, 1)) === 2) break;
        complaints.push("a wrong sum");
      } catch {
        // It has not noticed the loss so far, or is not back.
      }
      await next;
    }
    this.isBack = undefined;
    let sum = 0;
    for await (const item of this.connection.stream("Flood", 3)) sum += item;
    if (sum !== 3) complaints.push(`a stream of 0, 1 and 2 came to ${sum}`);
  }
}

const clients = Array.from({ length: Number(count) }, (_, index) => new Client(KINDS[index % KINDS.length]));

/** How many of what keeps the process alive there are, by their kind. */
function resources() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) {
    // Not what is done with the end of this turn, nor our own way to the test.
    if (kind !== "Immediate" && kind !== "PipeWrap") counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const orders = {
  async start() {
    await Promise.all(clients.map(({ connection }) => connection.start()));
    await orders.meet();
  },

  async meet() {
    await Promise.all(clients.map((client) => client.meet()));
    const connected = clients.filter(({ connection }) => connection.state === "Connected").length;
    const bytes = await usedBytes();
    process.send({ kind: "met", connected, returns, losses, bytes, resources: resources(), complaints });
  },

  async count() {
    process.send({ kind: "counted", things: await census() });
  },

  async stop() {
    complaints.length = 0; // onclose is told of a stop
    await Promise.all(clients.map(({ connection }) => connection.stop()));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    const closed = complaints.filter((complaint) => complaint === "closed: without an error").length;
    process.send({ kind: "stopped", closed, others: complaints.length - closed, resources: resources() });
    process.disconnect();
  },
};
process.on("message", ({ kind }) => void orders[kind]());
