/** hubwire's side of the hub contract in test/interop/dotnet-client/README.md; the contract suite and the official clients run against it. */
import { setTimeout as delay } from "node:timers/promises";
import { Deferred } from "../../src/common/deferred.js";
import { Hub, HubError, type ClientProxy, type SingleClientProxy } from "../../src/server/index.js";
import { dropRequestsOf } from "./interop-requests.js";
import { collect } from "./witness.js";

/** What the clients offer. */
interface ContractClient {
  Answer(question: string): string;
  Welcome(text: string): void;
  Received(text: string): void;
  GroupMessage(group: string, text: string): void;
  UserMessage(text: string): void;
  Broadcasted(text: string): void;
  FromOther(text: string): void;
  Tick(index: number): void;
}

const CANCELLED_STREAMS = "cancelled streams";
const NOTES = "notes";

/** What hub objects know of each other, since each call has its own. */
export class InteropState {
  readonly #gates = new Map<string, Deferred<void>>();
  readonly #endings = new Map<string, Deferred<string>>();

  /** Opens for everybody who waits at it, now and later. */
  gate(name: string): Deferred<void> {
    return entryOf(this.#gates, name);
  }

  /** Tells how the connection ended. */
  ending(connectionId: string): Deferred<string> {
    return entryOf(this.#endings, connectionId);
  }
}

/** The hub of the contract. */
export class InteropHub extends Hub<ContractClient> {
  static readonly streamParameters = { join: [0, 2] };
  readonly #state: InteropState;

  constructor(state = new InteropState()) {
    super();
    this.#state = state;
  }

  override async onConnected(): Promise<void> {
    const { searchParams } = new URL(this.context.request.url ?? "", "http://localhost");
    const [refusal, welcome] = [searchParams.get("refuse"), searchParams.get("welcome")];
    if (refusal !== null) throw new HubError(refusal);
    if (welcome !== null) await this.clients.caller.send("Welcome", welcome);
  }

  override onDisconnected(error?: Error): void {
    this.#state.ending(this.context.connectionId).resolve(error === undefined ? "in order" : error.name);
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

  note(text: string): void {
    this.context.items.set(NOTES, [...this.notes(), text]);
  }

  notes(): string[] {
    return (this.context.items.get(NOTES) ?? []) as string[];
  }

  async noteAll(items: AsyncIterable<string>): Promise<void> {
    for await (const item of items) this.note(item);
  }

  lengthOf(text: string): number {
    return text.length;
  }

  repeat(text: string, times: number): string {
    return text.repeat(times);
  }

  waitAtGate(gate: string): Promise<void> {
    return this.#state.gate(gate).promise;
  }

  openGate(gate: string): void {
    this.#state.gate(gate).resolve();
  }

  ended(connectionId: string): Promise<string> {
    return this.#state.ending(connectionId).promise;
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

  async *flood(count: number): AsyncIterable<number> {
    for (let number = 0; number < count; number++) yield number;
  }

  async *everyKind(): AsyncIterable<unknown> {
    yield* [null, true, 42, -0.5, "text", [1, 2, 3], { name: "object", nested: { empty: null } }];
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

  async uploadBehindGate(gate: string, items: AsyncIterable<number>): Promise<number> {
    await this.#state.gate(gate).promise;
    return this.upload(gate, items);
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

  async join(
    first: AsyncIterable<string>,
    separator: string,
    second: AsyncIterable<string>,
    end: string,
  ): Promise<string> {
    const [left, right] = await Promise.all([collect(first), collect(second)]);
    return [...left, ...right].join(separator) + end;
  }

  async joinTwo(first: AsyncIterable<string>, second: AsyncIterable<string>): Promise<string> {
    return this.join(first, "+", second, "");
  }

  async *echoStream(items: AsyncIterable<string>): AsyncIterable<string> {
    for await (const item of items) yield item;
  }

  async askClient(question: string): Promise<string> {
    const { caller } = this.clients;
    return `client said: ${await caller.with({ signal: this.context.connectionAborted }).invoke("Answer", question)}`;
  }

  async askConnection(connectionId: string, question: string): Promise<string> {
    return `client said: ${await this.clients.client(connectionId).invoke("Answer", question)}`;
  }

  async askOutcome(method: string, args: readonly unknown[], timeoutMs: number): Promise<object> {
    const caller: SingleClientProxy = this.clients.caller;
    try {
      const result = await caller.with({ signal: AbortSignal.timeout(timeoutMs) }).invoke<unknown>(method, ...args);
      return { ok: true, result, error: null };
    } catch (thrown) {
      return { ok: false, result: null, error: (thrown as Error).message };
    }
  }

  callMe(method: string, args: readonly unknown[]): Promise<void> {
    const caller: ClientProxy = this.clients.caller;
    return caller.send(method, ...args);
  }

  relay(selector: string, names: readonly string[], text: string): Promise<void> {
    return this.#selected(selector, names).send("Received", text);
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

  transport(): string {
    return this.context.transport;
  }

  abortMe(): void {
    this.context.abort();
  }

  dropMe(): void {
    const { request } = this.context;
    dropRequestsOf(request);
  }

  #selected(selector: string, names: readonly string[]): ClientProxy<ContractClient> {
    const { clients } = this;
    const [first = "", ...others] = names;
    switch (selector) {
      case "all":
      case "caller":
      case "others":
        return clients[selector];
      case "client":
      case "group":
      case "user":
      case "othersInGroup":
        return clients[selector](first);
      case "allExcept":
      case "clients":
      case "groups":
      case "users":
        return clients[selector](names);
      case "groupExcept":
        return clients.groupExcept(first, others);
      default:
        throw new HubError(`unknown selector ${selector}`);
    }
  }
}

function entryOf<T>(entries: Map<string, Deferred<T>>, name: string): Deferred<T> {
  let entry = entries.get(name);
  if (entry === undefined) entries.set(name, (entry = new Deferred()));
  return entry;
}
