/** A server with a hub for tests of stateful reconnect, and raw clients for it; time on it passes when the test says so. */
import { createServer, type IncomingMessage } from "node:http";
import { Deferred } from "../../src/common/deferred.js";
import { nodeClock } from "../../src/platform/node/node-clock.js";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { HubServer } from "../../src/server/hub-server.js";
import { accessTokenOf, Hub, type HubServerOptions, type MapHubOptions } from "../../src/server/index.js";
import { FakeClock } from "./fake-clock.js";
import { listen, negotiate, RawClient } from "./hub-server.js";
import { nextTurn } from "./witness.js";

export const PATH = "/hub";
export const ASK = "negotiateVersion=1&useStatefulReconnect=true";

/** What the hub has seen of one server. */
export class Witness {
  /** Ids of connections, in the order in which they came. */
  readonly connected: string[] = [];
  /** What connections ended with. */
  readonly ends: (Error | undefined)[] = [];
  /** Arguments of `note`, in order. */
  readonly noted: unknown[] = [];
  /** Fulfils with the first end. */
  readonly end = new Deferred<Error | undefined>();
  /** Fulfils when `fill` is done. */
  readonly filled = new Deferred<void>();
  /** What `wait` and `read` wait for. */
  readonly gate = new Deferred<void>();
}

/** A running server. */
export interface StatefulSite {
  readonly hubs: HubServer;
  readonly port: number;
  readonly seen: Witness;
  readonly hubClass: new () => Hub;
  /** Lets seconds pass. */
  pass(seconds: number): Promise<void>;
  /** Waits until the server has noticed that no client has a socket any more. */
  untilAllGone(): Promise<void>;
}

/** Starts one. */
export async function startStateful(
  options: MapHubOptions = {},
  serverWide: HubServerOptions = {},
): Promise<StatefulSite> {
  const seen = new Witness();
  const hubClass = createHub(seen);
  const background = new FakeClock();
  const hubs = new HubServer({ logger: null, ...serverWide }, nodeClock, background);
  hubs.mapHub(PATH, hubClass, { allowStatefulReconnects: true, ...options });
  const http = hubs.attach(createServer());
  let sockets = 0;
  http.on("connection", (socket) => {
    sockets++;
    socket.on("close", () => sockets--);
  });
  const port = await listen(http, () => hubs.close());
  return {
    hubs,
    port,
    seen,
    hubClass,
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second++) {
        await background.advanceAsync(1_000);
        await nextTurn();
      }
    },
    untilAllGone: async () => {
      while (sockets > 0) await nextTurn();
      await nextTurn();
    },
  };
}

/** Who a request comes from, by its token. */
export function authenticate(request: IncomingMessage): { id: string } | undefined {
  const id = accessTokenOf(request);
  return id === undefined ? undefined : { id };
}

/** A client, and the secret of its connection. */
export interface Visitor {
  readonly client: RawClient;
  readonly token: string;
}

/** How somebody comes. */
interface VisitOptions {
  readonly version?: number;
  readonly headers?: Record<string, string>;
  /** What is sent along with the handshake. Default: a ping. */
  readonly first?: string;
}

/** Negotiates and performs the handshake. */
export async function visit(
  { port }: StatefulSite,
  { version = 2, headers = {}, first = frame({ type: 6 }) }: VisitOptions = {},
): Promise<Visitor> {
  const { connectionToken: token } = await negotiate(port, PATH, ASK, headers);
  const client = await RawClient.open(port, `${PATH}?id=${token}`, headers);
  client.sendText(`{"protocol":"json","version":${version}}\u001e${first}`);
  expect(await client.next()).toEqual({});
  return { client, token };
}

/** Comes back over another socket, and says so: until then nothing is sent that counts. */
export async function comeBack(
  { port }: StatefulSite,
  { token }: Visitor,
  headers: Record<string, string> = {},
): Promise<RawClient> {
  const client = await RawClient.open(port, `${PATH}?id=${token}`, headers);
  client.sendText(frame({ type: 6 }));
  return client;
}

/** A call as a message. */
export function call(invocationId: string, target: string, ...args: unknown[]): HubMessage {
  return { type: MessageType.Invocation, invocationId, target, arguments: args };
}

/** The answer to a call. */
export function answer(invocationId: string, result: unknown): HubMessage {
  return { type: MessageType.Completion, invocationId, result };
}

/** An acknowledgement. */
export function ack(sequenceId: number): HubMessage {
  return { type: MessageType.Ack, sequenceId };
}

/** Messages as text for one frame. */
export function frame(...messages: readonly object[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\u001e`).join("");
}

/** The next messages. */
export async function take(client: RawClient, count: number): Promise<(HubMessage | undefined)[]> {
  const messages: (HubMessage | undefined)[] = [];
  while (messages.length < count) messages.push(await client.next());
  return messages;
}

function createHub(seen: Witness): new () => Hub {
  return class extends Hub {
    override async onConnected(): Promise<void> {
      seen.connected.push(this.context.connectionId);
      await this.groups.add(this.context.connectionId, "all");
    }

    override onDisconnected(error?: Error): void {
      seen.ends.push(error);
      seen.end.resolve(error);
    }

    echo(value: unknown): unknown {
      return value;
    }

    note(value: unknown): void {
      seen.noted.push(value);
    }

    who(): unknown {
      return [this.context.connectionId, this.context.request.headers["x-number"], this.context.user];
    }

    async wait(): Promise<string> {
      await seen.gate.promise;
      return "waited";
    }

    ask(): Promise<unknown> {
      return this.clients.caller.invoke("Answer");
    }

    abort(): void {
      this.context.abort();
    }

    async fill(count: number, size: number): Promise<void> {
      for (let number = 0; number < count; number++) await this.clients.caller.send("Filling", "x".repeat(size));
      seen.filled.resolve();
    }

    async read(items: AsyncIterable<number>): Promise<number> {
      await seen.gate.promise;
      let sum = 0;
      for await (const item of items) sum += item;
      return sum;
    }
  };
}
