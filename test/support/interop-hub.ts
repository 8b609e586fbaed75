/** hubwire's side of the hub contract in test/interop/dotnet-client/README.md; the official clients run against it. */
import { createServer, type IncomingMessage } from "node:http";
import { parse } from "node:querystring";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { accessTokenOf, createHubServer, Hub, HubError, type HubUser } from "../../src/server/index.js";

/** What the clients offer. */
interface ContractClient {
  Answer(question: string): string;
  GroupMessage(group: string, text: string): void;
  UserMessage(text: string): void;
  Broadcasted(text: string): void;
  FromOther(text: string): void;
  Tick(index: number): void;
}

const CANCELLED_STREAMS = "cancelled streams";

/** The hub of the contract. */
export class InteropHub extends Hub<ContractClient> {
  override onConnected(): void {
    const refusal = new URL(this.context.request.url ?? "", "http://localhost").searchParams.get("refuse");
    if (refusal !== null) throw new HubError(refusal);
  }

  echo(value: unknown): unknown {
    return value;
  }

  add(left: number, right: number): number {
    return left + right;
  }

  nothing(): void {}

  fail(): void {
    throw new Error("This text must not reach the client.");
  }

  failHub(message: string): void {
    throw new HubError(message);
  }

  async *counter(to: number, delayMs: number): AsyncIterable<number> {
    const { items } = this.context;
    let isComplete = false;
    try {
      for (let number = 1; number <= to; number++) {
        await delay(delayMs, undefined, { signal: this.signal });
        yield number;
      }
      isComplete = true;
    } finally {
      if (!isComplete) items.set(CANCELLED_STREAMS, Number(items.get(CANCELLED_STREAMS) ?? 0) + 1);
    }
  }

  cancelledStreams(): number {
    return Number(this.context.items.get(CANCELLED_STREAMS) ?? 0);
  }

  async *failingStream(after: number): AsyncIterable<number> {
    for (let number = 1; number <= after; number++) yield number;
    throw new Error("This text must not reach the client.");
  }

  async *failingStreamHub(after: number, message: string): AsyncIterable<number> {
    for (let number = 1; number <= after; number++) yield number;
    throw new HubError(message);
  }

  async upload(name: string, items: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const item of items) sum += item;
    return sum;
  }

  async uploadSome(count: number, items: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    let read = 0;
    for await (const item of items) {
      sum += item;
      if (++read === count) break;
    }
    return sum;
  }

  async uploadOutcome(items: AsyncIterable<number>): Promise<string> {
    let count = 0;
    try {
      for await (const _ of items) count++;
      return `completed after ${count}`;
    } catch {
      return `failed after ${count}`;
    }
  }

  async *echoStream(items: AsyncIterable<string>): AsyncIterable<string> {
    for await (const item of items) yield item;
  }

  async askClient(question: string): Promise<string> {
    const { caller } = this.clients;
    return `client said: ${await caller.with({ signal: this.context.connectionAborted }).invoke("Answer", question)}`;
  }

  joinGroup(group: string): Promise<void> {
    return this.groups.add(this.context.connectionId, group);
  }

  leaveGroup(group: string): Promise<void> {
    return this.groups.remove(this.context.connectionId, group);
  }

  sendToGroup(group: string, text: string): Promise<void> {
    return this.clients.group(group).send("GroupMessage", group, text);
  }

  sendToUser(user: string, text: string): Promise<void> {
    return this.clients.user(user).send("UserMessage", text);
  }

  broadcast(text: string): Promise<void> {
    return this.clients.all.send("Broadcasted", text);
  }

  sendToOthers(text: string): Promise<void> {
    return this.clients.others.send("FromOther", text);
  }

  async burst(count: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.clients.caller.send("Tick", index);
  }

  whoAmI(): string | undefined {
    return this.context.userIdentifier;
  }

  connectionId(): string {
    return this.context.connectionId;
  }

  abortMe(): void {
    this.context.abort();
  }

  dropMe(): void {
    const { request } = this.context;
    const token = tokenOf(request);
    dropped.add(token);
    (lastGets.get(token) ?? request).socket.destroy();
  }
}

/** The last GET request of each connection: with Long Polling it is the poll, on whatever socket that came. */
const lastGets = new Map<string, IncomingMessage>();

/** Connections whose requests get nowhere any more: some clients try a poll that broke off again. */
const dropped = new Set<string>();

function tokenOf({ url = "" }: IncomingMessage): string {
  return String(parse(url.slice(url.indexOf("?") + 1))["id"]);
}

function authenticate(request: IncomingMessage): HubUser | undefined {
  if (dropped.has(tokenOf(request))) request.socket.destroy();
  if (request.method === "GET") lastGets.set(tokenOf(request), request);
  const token = accessTokenOf(request);
  if (token === undefined) return {};
  return token.startsWith("good-") ? { id: token.slice("good-".length) } : undefined;
}

/** A server with the contract's hub. */
export interface InteropServer {
  /** Address of the hub. */
  readonly url: string;
  /** Closes it. */
  stop(): Promise<void>;
}

/** Starts one on a free port. */
export async function startInteropServer(): Promise<InteropServer> {
  const hubs = createHubServer({ logger: null, keepAliveInterval: 1_000, clientTimeoutInterval: 6_000 });
  hubs.mapHub("/contract", InteropHub, { authenticate });
  const server = hubs.attach(createServer((_request, response) => response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/contract`,
    stop: async () => {
      await hubs.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
