/** Streams of hub methods that nobody reads: the spans of their calls end, and so does what they are made of. */
import { InMemorySpanExporter, BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Deferred } from "../../src/common/deferred.js";
import type { HubConnection } from "../../src/index.js";
import { traceHubs } from "../../src/opentelemetry.js";
import { Hub, Subject } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { eventually, nextCall } from "../support/witness.js";

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

/** What the methods wait for, and what they tell. */
let gate: Deferred<void>;
let begun: Deferred<void>;
let cancelled: Deferred<void>;
let discarded: Deferred<string>;

/** Each kind of stream; none ends by itself. */
const makers = {
  subject: () => new Subject<number>(),
  disposable: () => Object.assign(new Subject<number>(), { [Symbol.dispose]: () => discarded.resolve("disposable") }),
  both: () => Object.assign(new Subject<number>(), { [Symbol.asyncIterator]: () => iterator("both") }),
  iterable: () => ({ [Symbol.asyncIterator]: () => iterator("iterable") }),
  chunks: () => new ReadableStream<number>({ cancel: () => discarded.resolve("chunks") }),
};

type Kind = keyof typeof makers;
const kinds = Object.keys(makers) as Kind[];

function iterator(kind: Kind): AsyncIterator<number> {
  return {
    next: () => new Promise<never>(() => undefined),
    return: async () => {
      discarded.resolve(kind);
      return { done: true, value: undefined };
    },
  };
}

class UnreadHub extends Hub {
  stream(kind: Kind): unknown {
    return makers[kind]();
  }

  nothing(): void {}

  async later(kind: Kind): Promise<unknown> {
    this.signal.addEventListener("abort", () => cancelled.resolve());
    begun.resolve();
    await gate.promise;
    return makers[kind]();
  }
}

const running = HubSite.forTests({
  filters: [traceHubs({ tracerProvider })],
  map: (hubs) => hubs.mapHub("/hub", UnreadHub),
});
let connection: HubConnection;

beforeEach(async () => {
  exporter.reset();
  [gate, begun, cancelled, discarded] = [new Deferred(), new Deferred(), new Deferred(), new Deferred()];
  connection = await running.site.connect();
});

async function expectOver(kind: Kind): Promise<void> {
  await eventually(() => exporter.getFinishedSpans().length === 1);
  expect(exporter.getFinishedSpans()[0]?.attributes["error.type"]).toBeUndefined();
  if (kind !== "subject") await expect(discarded.promise).resolves.toBe(kind);
}

describe.each(kinds)("a stream of the kind %s", (kind) => {
  test("that was asked for by a plain call", async () => {
    await expect(connection.invoke("stream", kind)).rejects.toThrow("non-streaming invocation");
    await expectOver(kind);
  });

  test("that nobody gets an answer with", async () => {
    await connection.send("stream", kind);
    await expectOver(kind);
  });

  test("that was cancelled before it was there", async () => {
    const subscription = connection.stream("later", kind).subscribe({ next() {}, error() {}, complete() {} });
    await begun.promise;
    subscription.dispose();
    await cancelled.promise;
    gate.resolve();
    await expectOver(kind);
  });

  test("whose connection ended before it was there", async () => {
    const closed = nextCall((callback) => connection.onclose(callback));
    const failed = expect(connection.invoke("later", kind)).rejects.toMatchObject({ code: "connection-lost" });
    await begun.promise;
    await connection.stop();
    await Promise.all([closed, failed, cancelled.promise]);
    gate.resolve();
    await expectOver(kind);
  });

  test("that is read until the connection ends", async () => {
    connection.stream("stream", kind).subscribe({ next() {}, error() {}, complete() {} });
    await expect(connection.invoke("nothing")).resolves.toBeNull(); // it has begun
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["UnreadHub/nothing"]);
    await connection.stop();
    await eventually(() => exporter.getFinishedSpans().length === 2);
  });
});
