// A client connection that comes to an end in one of many ways; reports what is left of it, and then has nothing more to do.
import { areCollected, leftovers } from "./leftovers.mjs";
import { HttpTransportType, HubConnectionBuilder } from "../../../dist/node/index.mjs";

const [ending, transport, url, nowhere] = process.argv.slice(2);

/** What an application keeps for good: its handlers, and the streams that it has read. */
const kept = [];

function build(path = "/hub", base = url) {
  const options = { transport: HttpTransportType[transport], logger: null, accessTokenFactory: async () => "token" };
  return new HubConnectionBuilder().withUrl(base + path, options);
}

function told(register) {
  return new Promise((resolve) => register(resolve));
}

async function failed(promise) {
  await promise.then(
    () => Promise.reject(new Error("it should have failed")),
    () => undefined,
  );
}

/** Uses all that there is. */
async function use(connection) {
  const handler = (text) => `${text}!`;
  connection.off("Answer");
  connection.on("Answer", handler);
  await connection.start();
  const answer = await connection.invoke("Ask", "?");
  if (answer !== "?!") throw new Error(`answered ${answer}`);
  const whole = connection.stream("Count", 5);
  const broken = connection.stream("Endless");
  const open = connection.stream("Endless");
  const reader = open[Symbol.asyncIterator]();
  await reader.next();
  // The stream keeps its error, and V8 keeps whatever an error's stack went through until somebody reads it.
  open.subscribe({ next: () => undefined, complete: () => undefined, error: (error) => error.stack });
  for await (const item of whole) void item;
  for await (const item of broken) if (item > 2) break;
  async function* upload() {
    for (let item = 0; item < 5; item++) yield item;
  }
  await connection.invoke("Sum", upload());
  const waiting = connection.invoke("Wait").catch(() => undefined);
  kept.push(handler, whole, broken, open, reader, waiting);
  return connection;
}

/** Each ends a connection, and returns it. */
const endings = {
  async "never started"() {
    const connection = build().withAutomaticReconnect().build();
    connection.on("Answer", () => undefined);
    connection.onclose(() => undefined);
    await connection.stop();
    return connection;
  },
  async stopped() {
    const connection = await use(build().withAutomaticReconnect().build());
    await connection.stop();
    return connection;
  },
  async "stopped twice"() {
    const connection = await use(build().build());
    await Promise.all([connection.stop(), connection.stop()]);
    await use(connection);
    await connection.stop();
    return connection;
  },
  async "no server"() {
    const connection = build("/hub", nowhere).withAutomaticReconnect().build();
    await failed(connection.start());
    return connection;
  },
  async "no hub"() {
    const connection = build("/nothing").build();
    await failed(connection.start());
    return connection;
  },
  async "given up while starting"() {
    const connection = build("/silent").build();
    const controller = new AbortController();
    kept.push(controller);
    const starting = failed(connection.start({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    await starting;
    return connection;
  },
  async "stopped while starting"() {
    const connection = build("/silent").build();
    const starting = failed(connection.start());
    await connection.stop();
    await starting;
    return connection;
  },
  async "closed by the server"() {
    const connection = await use(build().withAutomaticReconnect().build());
    const closed = told((resolve) => connection.onclose(resolve));
    connection.send("Abort").catch(() => undefined);
    await closed;
    await connection.stop();
    return connection;
  },
  async "cut off"() {
    const connection = await use(build().build());
    const closed = told((resolve) => connection.onclose(resolve));
    connection.send("Cut").catch(() => undefined);
    await closed;
    await connection.stop();
    return connection;
  },
  async "reconnected and stopped"() {
    const connection = await use(
      build()
        .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 10 })
        .build(),
    );
    const reconnected = told((resolve) => connection.onreconnected(resolve));
    connection.send("Cut").catch(() => undefined);
    await reconnected;
    await connection.stop();
    return connection;
  },
  async "reconnected in vain"() {
    const connection = await use(build().withAutomaticReconnect([0, 10]).build());
    const closed = told((resolve) => connection.onclose(resolve));
    connection.onreconnecting(() => (connection.baseUrl = `${nowhere}/hub`));
    connection.send("Cut").catch(() => undefined);
    await closed;
    return connection;
  },
  async "stopped while reconnecting"() {
    const connection = await use(build().withAutomaticReconnect([600_000]).build());
    const reconnecting = told((resolve) => connection.onreconnecting(resolve));
    connection.send("Cut").catch(() => undefined);
    await reconnecting;
    await connection.stop();
    return connection;
  },
  async "stopped while resuming"() {
    const connection = await use(build("/stateful").withStatefulReconnect().withAutomaticReconnect().build());
    await connection.send("Cut");
    // It stays connected all the while, so nothing tells of it.
    await new Promise((resolve) => setImmediate(resolve));
    await connection.stop();
    return connection;
  },
};

async function end() {
  return new WeakRef(await endings[ending]());
}

const reference = await end();
const left = await leftovers();
const collected = await areCollected([reference]);
process.send({ kind: "ended", ...left, collected, kept: kept.length });
