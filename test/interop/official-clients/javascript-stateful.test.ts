/** The official JavaScript client with stateful reconnect on hubwire's server, over a network that breaks. */
import { HubConnectionBuilder, LogLevel, Subject, type HubConnection } from "@microsoft/signalr";
import { MessagePackHubProtocol as OfficialMessagePack } from "@microsoft/signalr-protocol-msgpack";
import { Deferred } from "../../../src/common/deferred.js";
import { MessagePackHubProtocol } from "../../../src/msgpack.js";
import { JsonHubProtocol } from "../../../src/protocol/json-hub-protocol.js";
import { Hub, type HubServer } from "../../../src/server/index.js";
import { startHubServer, stopAll } from "../../support/hub-server.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { upTo } from "../../support/witness.js";

let ends: (Error | undefined)[];
let connected: string[];
let gate: Deferred<void>;

class StatefulHub extends Hub {
  override async onConnected(): Promise<void> {
    connected.push(this.context.connectionId);
    await this.groups.add(this.context.connectionId, "everybody");
    // The client does not count what comes too soon behind the handshake; it must not come too soon.
    for (let number = 0; number < 3; number++) await this.clients.caller.send("Welcome", number);
  }

  override onDisconnected(error?: Error): void {
    ends.push(error);
  }

  echo(value: unknown): unknown {
    return value;
  }

  async slow(value: unknown): Promise<unknown> {
    await gate.promise;
    return value;
  }

  async *count(to: number): AsyncIterable<number> {
    for (let number = 0; number < to; number++) {
      yield number;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async sum(items: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const item of items) sum += item;
    return sum;
  }

  async ask(question: string): Promise<unknown> {
    return this.clients.caller.invoke("Answer", question);
  }
}

let hubs: HubServer;
let proxy: TcpProxy;
let connections: HubConnection[];

beforeEach(async () => {
  [ends, connected, connections] = [[], [], []];
  gate = new Deferred();
  const server = await startHubServer(
    (own) => own.mapHub("/hub", StatefulHub, { allowStatefulReconnects: true, maximumParallelInvocationsPerClient: 2 }),
    { protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()] },
  );
  hubs = server.hubs;
  proxy = await TcpProxy.start(`http://127.0.0.1:${server.port}`);
});

afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.stop()));
  await proxy.stop();
  await stopAll();
});

async function connect(isBinary: boolean) {
  const builder = new HubConnectionBuilder().withUrl(`${proxy.url}/hub`).configureLogging(LogLevel.None);
  if (isBinary) builder.withHubProtocol(new OfficialMessagePack());
  const connection = builder.withStatefulReconnect().build();
  connections.push(connection);
  const welcomes: number[] = [];
  connection.on("Welcome", (number: number) => void welcomes.push(number));
  connection.on("Answer", (question: string) => `${question}!`);
  let hasClosed = false;
  connection.onclose(() => (hasClosed = true));
  await connection.start();
  return { connection, welcomes, hasClosed: () => hasClosed };
}

/** Breaks the connection, and waits until the client is back: it tries only once, and has to be let through. */
async function cut(connection: HubConnection): Promise<void> {
  proxy.strike("reset");
  await connection.invoke("echo", "back");
}

function read(connection: HubConnection, method: string, ...args: unknown[]): Promise<number[]> {
  const items: number[] = [];
  return new Promise((resolve, reject) => {
    connection.stream<number>(method, ...args).subscribe({
      next: (item) => items.push(item),
      error: reject,
      complete: () => resolve(items),
    });
  });
}

describe.each([
  ["JSON", false],
  ["MessagePack", true],
])("%s", (_name, isBinary) => {
  test("what onConnected sends is counted, so that a return is possible at all", async () => {
    const { connection, welcomes } = await connect(isBinary);
    await connection.invoke("echo", 1);
    await cut(connection);
    await expect(connection.invoke("echo", 2)).resolves.toBe(2);
    expect(welcomes).toEqual([0, 1, 2]);
    expect([connected, ends]).toEqual([[connection.connectionId], []]);
  });

  test("calls go on over cuts, those that wait for the server too", async () => {
    const { connection } = await connect(isBinary);
    const slow = connection.invoke("slow", "late");
    const answers: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round++) {
      answers.push(...upTo(20).map((number) => connection.invoke("echo", number)));
      await cut(connection);
    }
    await expect(Promise.all(answers)).resolves.toEqual(upTo(200).map((number) => number % 20));
    gate.resolve();
    await expect(slow).resolves.toBe("late");
    await expect(connection.invoke("echo", "after")).resolves.toBe("after");
    expect([connected.length, ends]).toEqual([1, []]);
  });

  test("streams go on in both directions, and so do questions to the client", async () => {
    const { connection, hasClosed } = await connect(isBinary);
    const numbers = new Subject<number>();
    const down = read(connection, "count", 500);
    const sum = connection.invoke("sum", numbers);
    const answers: Promise<unknown>[] = [];
    for (let number = 0; number < 300; number++) {
      numbers.next(number);
      if (number % 10 === 0) answers.push(connection.invoke("ask", `${number}`));
      if (number % 100 === 50) await cut(connection);
    }
    numbers.complete();
    await expect(sum).resolves.toBe((299 * 300) / 2);
    await expect(down).resolves.toEqual(upTo(500));
    await expect(Promise.all(answers)).resolves.toEqual(upTo(30).map((number) => `${number * 10}!`));
    expect([connected.length, ends, hasClosed()]).toEqual([1, [], false]);
  });

  test("what is sent to a client that is away reaches it when it is back", async () => {
    const { connection } = await connect(isBinary);
    const received: number[] = [];
    const all = new Promise<void>((resolve) => {
      connection.on("Number", (number: number) => received.push(number) === 100 && resolve());
    });
    const everybody = hubs.hub(StatefulHub).clients.group("everybody");
    await connection.invoke("echo", 0);
    for (const number of upTo(100)) {
      if (number === 50) proxy.strike("reset");
      void everybody.send("Number", number);
    }
    await all;
    expect(received).toEqual(upTo(100));
  });
});
