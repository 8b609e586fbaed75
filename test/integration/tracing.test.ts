/** `hubwire/opentelemetry` with the real SDK: one trace through client and server, spans named and tagged as the .NET ones. */
import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { Deferred } from "../../src/common/deferred.js";
import { HubError, type HubConnection } from "../../src/index.js";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { traceCalls, traceHubs } from "../../src/opentelemetry.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { Hub, Subject } from "../../src/server/index.js";
import { HubSite } from "./hub-site.js";
import { collect, eventually } from "../support/witness.js";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer("test");

const ofClient = "Microsoft.AspNetCore.SignalR.Client";
const ofServer = "Microsoft.AspNetCore.SignalR.Server";

/** What `count` waits for behind each item. */
let gate = new Deferred<void>();

class TracedHub extends Hub {
  async work(): Promise<string | undefined> {
    await Promise.resolve();
    tracer.startSpan("inside work").end();
    return trace.getSpanContext(context.active())?.traceId;
  }

  received(): unknown {
    return this.headers;
  }

  fail(): never {
    throw new HubError("private matters");
  }

  async *count(to: number): AsyncGenerator<number> {
    this.signal.addEventListener("abort", () => gate.resolve());
    for (let value = 1; value <= to; value++) {
      tracer.startSpan(`item ${value}`).end();
      yield value;
      await gate.promise;
    }
  }

  async *failing(): AsyncGenerator<number> {
    yield 1;
    throw new HubError("private matters");
  }

  pushed(): Subject<number> {
    const subject = new Subject<number>();
    subject.next(1);
    subject.complete();
    return subject;
  }

  endless(): Subject<number> {
    const subject = new Subject<number>();
    subject.next(1);
    return subject;
  }

  unsubscribable(): Pick<Subject<number>, "subscribe"> {
    return {
      subscribe: () => {
        throw new HubError("private matters");
      },
    };
  }

  unreadable(): AsyncIterable<number> {
    return {
      [Symbol.asyncIterator]: () => {
        throw new HubError("private matters");
      },
    };
  }

  async stuck(): Promise<AsyncIterable<number>> {
    const iterator = {
      next: () => new Promise<never>(() => undefined),
      return: () => new Promise<never>(() => undefined),
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  chunks(): ReadableStream<number> {
    return new ReadableStream({
      start: (controller) => {
        controller.enqueue(1);
        controller.close();
      },
    });
  }
}

beforeAll(() => {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});

afterAll(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

beforeEach(() => {
  exporter.reset();
  gate = new Deferred();
});

/** Spans that are over, in the order in which they ended. */
async function spans(count: number): Promise<ReadableSpan[]> {
  await eventually(() => exporter.getFinishedSpans().length >= count);
  return exporter.getFinishedSpans();
}

/** The one span of a source. */
async function spanOf(source: string, count = 2): Promise<ReadableSpan> {
  const found = (await spans(count)).filter((span) => span.instrumentationScope.name === source);
  expect(found).toHaveLength(1);
  return found[0] as ReadableSpan; // just counted
}

/** Does something inside of a span of the application. */
async function within<T>(work: (span: Span) => Promise<T>): Promise<T> {
  const span = tracer.startSpan("application");
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(span));
  } finally {
    span.end();
  }
}

describe.each([
  ["JSON", () => new JsonHubProtocol()],
  ["MessagePack", () => new MessagePackHubProtocol()],
])("calls in %s", (_name, createProtocol) => {
  const running = HubSite.forTests({
    protocols: [new JsonHubProtocol(), new MessagePackHubProtocol()],
    filters: [traceHubs()],
    map: (hubs) => hubs.mapHub("/some/traced", TracedHub),
  });
  let connection: HubConnection;

  beforeEach(async () => {
    connection = await running.site.connect(running.site.builder("/some/traced").withHubProtocol(createProtocol()));
    connection.use(traceCalls());
  });

  test("are one trace, from the application's span to what the hub method does", async () => {
    const { traceId, seen } = await within(async (span) => ({
      seen: await connection.invoke("work"),
      traceId: span.spanContext().traceId,
    }));
    expect(seen).toBe(traceId);
    const all = await spans(4);
    const named = (name: string) => all.find((span) => span.name === name);
    const [application, client] = [named("application"), named("some/traced/work")];
    const [server, inside] = [named("TracedHub/work"), named("inside work")];
    expect(client?.parentSpanContext?.spanId).toBe(application?.spanContext().spanId);
    expect(server?.parentSpanContext?.spanId).toBe(client?.spanContext().spanId);
    expect(server?.parentSpanContext?.isRemote).toBe(true);
    expect(inside?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId);
    expect(all.map((span) => span.spanContext().traceId)).toEqual(Array(4).fill(traceId));
    expect(client).toMatchObject({
      kind: SpanKind.CLIENT,
      instrumentationScope: { name: ofClient },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(client?.attributes).toEqual({
      "rpc.system": "signalr",
      "rpc.service": "some/traced",
      "rpc.method": "work",
      "server.address": "127.0.0.1",
      "server.port": running.site.port,
    });
    expect(server).toMatchObject({
      kind: SpanKind.SERVER,
      instrumentationScope: { name: ofServer },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(server?.attributes).toEqual({
      "rpc.system": "signalr",
      "rpc.service": "TracedHub",
      "rpc.method": "work",
    });
  });

  test("carry the context in the headers, beside those of the application", async () => {
    const headers = await connection.with({ headers: { tenant: "a" } }).invoke("received");
    const client = await spanOf(ofClient);
    const { traceId, spanId } = client.spanContext();
    expect(headers).toEqual({ tenant: "a", traceparent: `00-${traceId}-${spanId}-01` });
  });

  test("that fail have the kind of error, and not its text", async () => {
    await expect(connection.invoke("fail")).rejects.toThrow("private matters");
    for (const source of [ofClient, ofServer]) {
      const { attributes, status, events } = await spanOf(source);
      expect(attributes["error.type"]).toBe("HubError");
      expect(status).toEqual({ code: SpanStatusCode.ERROR });
      expect(events).toEqual([]);
    }
  });

  test("without an answer have spans too", async () => {
    await connection.send("work");
    const client = await spanOf(ofClient, 3);
    const server = await spanOf(ofServer, 3);
    expect(server.parentSpanContext?.spanId).toBe(client.spanContext().spanId);
  });

  test("that stream last as long as the stream, on both ends, and items belong to the hub's span", async () => {
    const iterator = connection.stream("count", 2)[Symbol.asyncIterator]();
    await iterator.next();
    expect(exporter.getFinishedSpans().filter(({ name }) => name.includes("count"))).toEqual([]);
    gate.resolve();
    while ((await iterator.next()).done !== true);
    const [client, server] = [await spanOf(ofClient, 4), await spanOf(ofServer, 4)];
    expect(server.parentSpanContext?.spanId).toBe(client.spanContext().spanId);
    const items = (await spans(4)).filter(({ name }) => name.startsWith("item"));
    expect(items.map((span) => span.parentSpanContext?.spanId)).toEqual(Array(2).fill(server.spanContext().spanId));
  });

  test("that stream and fail have the error", async () => {
    await expect(collect(connection.stream("failing"))).rejects.toThrow("private matters");
    expect((await spanOf(ofClient)).attributes["error.type"]).toBe("HubError");
    expect((await spanOf(ofServer)).attributes["error.type"]).toBe("HubError");
  });

  test.each(["unsubscribable", "unreadable"])("that stream what cannot be read (%s) have the error", async (method) => {
    await expect(collect(connection.stream(method))).rejects.toThrow("private matters");
    expect((await spanOf(ofServer)).attributes["error.type"]).toBe("HubError");
  });

  test("that are given up end on the server even if the stream does not", async () => {
    const controller = new AbortController();
    const items = collect(connection.with({ signal: controller.signal }).stream("stuck"));
    await connection.invoke("received");
    controller.abort();
    await expect(items).rejects.toMatchObject({ code: "aborted" });
    await spans(4);
  });

  test.each(["pushed", "chunks"])("that stream %s items end, too", async (method) => {
    await expect(collect(connection.stream(method))).resolves.toEqual([1]);
    for (const source of [ofClient, ofServer]) {
      expect((await spanOf(source)).status).toEqual({ code: SpanStatusCode.UNSET });
    }
  });

  test.each(["count", "endless"])("that stream and are left early (%s) end without an error", async (method) => {
    for await (const item of connection.stream(method, 3)) {
      expect(item).toBe(1);
      break;
    }
    const ended = (source: string) =>
      exporter.getFinishedSpans().find((span) => span.instrumentationScope.name === source);
    while (ended(ofClient) === undefined || ended(ofServer) === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ended(ofClient)?.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(ended(ofServer)?.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  test("that are given up have the error of that", async () => {
    const controller = new AbortController();
    const call = connection.with({ signal: controller.signal }).invoke("work");
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted" });
    expect((await spanOf(ofClient, 3)).attributes["error.type"]).toBe("AbortError");
  });

  test("of untraced clients begin a trace of their own", async () => {
    const untraced = await running.site.connect(running.site.builder("/some/traced"));
    await untraced.invoke("received");
    const [server] = await spans(1);
    expect(server?.name).toBe("TracedHub/received");
    expect(server?.parentSpanContext).toBeUndefined();
  });
});

test("spans go to the provider that is given", async () => {
  const own = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(own)] });
  const site = await HubSite.start({
    filters: [traceHubs({ tracerProvider })],
    map: (hubs) => hubs.mapHub("/hub", TracedHub),
  });
  try {
    const connection = await site.connect(site.builder("/hub"));
    const dispose = connection.use(traceCalls({ tracerProvider }));
    await connection.invoke("received");
    expect(own.getFinishedSpans().map(({ name }) => name)).toEqual(["TracedHub/received", "hub/received"]);
    expect(exporter.getFinishedSpans()).toEqual([]);
    dispose();
    await connection.invoke("received");
    expect(own.getFinishedSpans()).toHaveLength(3);
  } finally {
    await site.stopClients();
    await site.stop();
  }
});
