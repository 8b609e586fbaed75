/** A hub with streams in either direction, and a client for it in memory; used by the tests of the dispatcher. */
import { Deferred } from "../../../src/common/deferred.js";
import { HubError } from "../../../src/errors/call-errors.js";
import { messageOf } from "../../../src/errors/to-error.js";
import { MessageType, type HubMessage } from "../../../src/protocol/messages.js";
import { Hub } from "../../../src/server/hub.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { Subject } from "../../../src/session/subject.js";
import { HubHarness, type TestClient } from "../../support/hub-harness.js";

/** What the hub has written down in the current test. */
export let log: string[];
/** What its methods wait for. */
export let gate: Deferred<void>;

/** The hub. */
export class StreamHub extends Hub {
  static readonly streamParameters = { zip: [0, 2] };

  async *count(to: number): AsyncIterable<number> {
    try {
      for (let number = 1; number <= to; number++) yield number;
      log.push("complete");
    } finally {
      log.push("ended");
    }
  }

  async *untilCancelled(): AsyncIterable<string> {
    log.push("started");
    try {
      yield "first";
      await new Promise((_, reject) => this.signal.addEventListener("abort", () => reject(new Error("secret"))));
    } finally {
      log.push(`cancelled: ${this.signal.aborted}`);
    }
  }

  async *fail(after: number, error: Error): AsyncIterable<number> {
    for (let number = 1; number <= after; number++) yield number;
    throw error;
  }

  async *failHub(): AsyncIterable<number> {
    yield 1;
    throw new HubError("for all to see");
  }

  async *notSerializable(): AsyncIterable<unknown> {
    yield 1n;
  }

  later(): Promise<AsyncIterable<number>> {
    return gate.promise.then(() => this.count(2));
  }

  webStream(): ReadableStream<number> {
    return new ReadableStream({
      start(controller) {
        controller.enqueue(1);
        controller.close();
      },
      cancel: () => void log.push("released"),
    });
  }

  openWebStream(): ReadableStream<number> {
    return new ReadableStream({ cancel: () => void log.push("released") });
  }

  subject(): Subject<number> {
    const subject = new Subject<number>();
    subject.next(1);
    subject.complete();
    return subject;
  }

  throwFirst(): AsyncIterable<number> {
    throw new HubError("no stream");
  }

  async sum(name: string, items: AsyncIterable<number>): Promise<string> {
    let sum = 0;
    for await (const item of items) sum += item;
    return `${name} ${sum}`;
  }

  async first(items: AsyncIterable<unknown>): Promise<unknown> {
    for await (const item of items) return item;
    return "nothing";
  }

  async outcome(items: AsyncIterable<unknown>): Promise<string> {
    let count = 0;
    try {
      for await (const _ of items) count++;
      log.push(`complete after ${count}`);
    } catch (thrown) {
      log.push(`failed after ${count}: ${messageOf(thrown)}`);
    }
    return log.at(-1) ?? "";
  }

  async ignore(items: AsyncIterable<unknown>): Promise<void> {
    log.push(typeof items);
    await gate.promise;
  }

  async readWhenOpen(items: AsyncIterable<unknown>): Promise<number> {
    await gate.promise;
    let count = 0;
    for await (const _ of items) count++;
    return count;
  }

  async zip(left: AsyncIterable<string>, separator: string, right: AsyncIterable<string>): Promise<string> {
    const texts: string[] = [];
    for await (const text of left) texts.push(text);
    texts.push(separator);
    for await (const text of right) texts.push(text);
    return texts.join("");
  }

  async *upper(items: AsyncIterable<string>): AsyncIterable<string> {
    for await (const item of items) yield item.toUpperCase();
  }

  wait(): Promise<void> {
    return gate.promise;
  }
}

/** What waits at the gate from now on waits for its next opening. */
export function closeGate(): void {
  gate = new Deferred();
}

beforeEach(() => {
  log = [];
  closeGate();
});

/** A harness with one client. */
export async function connected(options?: MapHubOptions) {
  const harness = new HubHarness(StreamHub, options);
  return { harness, client: await harness.connect() };
}

/** Items of a stream, then how it ended. */
export function streamed(client: TestClient, id: string): unknown[] {
  const own = client.received.filter((message) => "invocationId" in message && message.invocationId === id);
  return own.map((message) => (message.type === MessageType.StreamItem ? message.item : withoutId(message)));
}

/** A message as it looks whatever its id is. */
export function withoutId(message: HubMessage): object {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== "invocationId"));
}

/** Calls a method that takes streams. */
export function upload(client: TestClient, streamIds: string[], target: string, ...args: unknown[]): Promise<void> {
  return client.send({ type: MessageType.Invocation, invocationId: "1", target, arguments: args, streamIds });
}

/** Items of an upload. */
export function items(id: string, ...values: unknown[]): HubMessage[] {
  return values.map((item) => ({ type: MessageType.StreamItem, invocationId: id, item }));
}

/** The end of an upload. */
export function end(id: string, error?: string): HubMessage {
  return { type: MessageType.Completion, invocationId: id, ...(error === undefined ? {} : { error }) };
}

/** How streams end that are complete. */
export const END = { type: MessageType.Completion };
/** How streams end that failed, as far as clients are told. */
export const FAILED = "An error occurred on the server while streaming results.";
