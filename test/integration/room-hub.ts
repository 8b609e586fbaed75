/** The hub of most tests in this folder, and what both of its ends promise each other; the typed builds use these interfaces. */
import { Readable } from "node:stream";
import { Deferred } from "../../src/common/deferred.js";
import type { StreamSource } from "../../src/index.js";
import { Hub, HubError, Subject } from "../../src/server/index.js";

/** What the hub offers. */
export interface RoomServer {
  Echo(value: unknown): unknown;
  Add(left: number, right: number): number;
  Nothing(): void;
  Fail(message: string): void;
  FailHub(message: string): void;
  Note(text: string): void;
  Notes(): string[];
  Wait(gate: string): string;
  Open(gate: string): void;
  Counter(to: number): AsyncIterable<number>;
  Countdown(kind: "Subject" | "ReadableStream" | "Promise", from: number): AsyncIterable<number>;
  Endless(key: string): AsyncIterable<number>;
  Sum(numbers: AsyncIterable<number>): number;
  Join(first: AsyncIterable<string>, separator: string, second: AsyncIterable<string>, end: string): string;
  First(count: number, numbers: AsyncIterable<number>): number;
  Outcome(numbers: AsyncIterable<number>): string;
  Ask(question: string): string;
  AskThenWait(question: string, gate: string): string;
  AskOther(connectionId: string, question: string): string;
  Greet(text: string): void;
  WhoAmI(): string | null;
  Abort(): void;
}

/** What clients offer. */
export interface RoomClient {
  Question(text: string): string;
  Greeting(text: string): void;
}

/** What hub objects of one test know of each other, since each call has its own. */
export class RoomState {
  readonly #gates = new Map<string, Deferred<void>>();
  /** What became of streams and calls: `name: what happened`. */
  readonly events: string[] = [];
  /** Items that `Endless` has yielded, by key. */
  readonly yielded = new Map<string, number>();

  /** Opened by a test or by a client. */
  gate(name: string): Deferred<void> {
    let gate = this.#gates.get(name);
    if (gate === undefined) this.#gates.set(name, (gate = new Deferred()));
    return gate;
  }
}

/** The hub. */
export class RoomHub extends Hub<RoomClient> {
  static readonly streamParameters = { join: [0, 2] };
  readonly #state: RoomState;

  constructor(state: RoomState) {
    super();
    this.#state = state;
  }

  override onDisconnected(error?: Error): void {
    this.#state.events.push(`disconnected: ${error === undefined ? "in order" : error.name}`);
  }

  echo(value: unknown): unknown {
    return value;
  }

  add(left: number, right: number): number {
    return left + right;
  }

  nothing(): void {}

  fail(message: string): void {
    throw new Error(message);
  }

  failHub(message: string): void {
    throw new HubError(message);
  }

  note(text: string): void {
    this.context.items.set("notes", [...this.notes(), text]);
  }

  notes(): string[] {
    return (this.context.items.get("notes") ?? []) as string[];
  }

  async wait(gate: string): Promise<string> {
    this.#state.events.push(`waiting: ${gate}`);
    await this.#state.gate(gate).promise;
    return gate;
  }

  open(gate: string): void {
    this.#state.gate(gate).resolve();
  }

  async *counter(to: number): AsyncIterable<number> {
    for (let number = 1; number <= to; number++) yield number;
  }

  countdown(kind: string, from: number): StreamSource<number> | Promise<StreamSource<number>> {
    const numbers = Array.from({ length: from }, (_, index) => from - index);
    if (kind === "ReadableStream") return Readable.toWeb(Readable.from(numbers)) as ReadableStream<number>;
    if (kind === "Promise") return Promise.resolve(Readable.from(numbers));
    const subject = new Subject<number>();
    for (const number of numbers) setImmediate(() => subject.next(number));
    setImmediate(() => subject.complete());
    return subject;
  }

  async *endless(key: string): AsyncIterable<number> {
    const { signal } = this;
    signal.addEventListener("abort", () => this.#state.events.push(`signal: ${key}`));
    try {
      for (let number = 0; !signal.aborted; number++) {
        this.#state.yielded.set(key, number + 1);
        yield number;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#state.events.push(`left: ${key}`);
    }
  }

  async sum(numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }

  async join(
    first: AsyncIterable<string>,
    separator: string,
    second: AsyncIterable<string>,
    end: string,
  ): Promise<string> {
    const all: string[] = [];
    for await (const text of first) all.push(text);
    for await (const text of second) all.push(text);
    return all.join(separator) + end;
  }

  async first(count: number, numbers: AsyncIterable<number>): Promise<number> {
    let sum = 0;
    for await (const number of numbers) {
      sum += number;
      if (--count === 0) break;
    }
    return sum;
  }

  async outcome(numbers: AsyncIterable<number>): Promise<string> {
    let count = 0;
    let outcome = "complete";
    try {
      for await (const _ of numbers) count++;
    } catch (thrown) {
      outcome = (thrown as Error).message;
    }
    this.#state.events.push(`outcome: ${outcome} after ${count}`);
    return `${outcome} after ${count}`;
  }

  async ask(question: string): Promise<string> {
    return `${await this.clients.caller.invoke("Question", question)}!`;
  }

  async askThenWait(question: string, gate: string): Promise<string> {
    const answer = await this.clients.caller.invoke("Question", question);
    await this.#state.gate(gate).promise;
    return answer;
  }

  async askOther(connectionId: string, question: string): Promise<string> {
    try {
      return await this.clients.client(connectionId).invoke("Question", question);
    } catch (thrown) {
      return `${(thrown as Error).name}: ${(thrown as Error).message}`;
    }
  }

  greet(text: string): Promise<void> {
    return this.clients.all.send("Greeting", text);
  }

  whoAmI(): string | undefined {
    return this.context.userIdentifier;
  }

  abort(): void {
    this.context.abort();
  }
}
