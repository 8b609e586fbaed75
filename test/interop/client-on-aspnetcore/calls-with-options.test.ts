/** Calls with signals, times, headers and traces, on the real server. */
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AbortError, Subject, type HubConnection } from "../../../src/index.js";
import { traceCalls } from "../../../src/opentelemetry.js";
import { describeWhen } from "../../support/requirements.js";
import { RealHub } from "../../support/real-hub.js";
import { collect, failureOf } from "../../support/witness.js";

describeWhen("dotnet", "calls with options over ASP.NET Core", () => {
  const hub = new RealHub();

  let connection: HubConnection;
  beforeEach(async () => {
    connection = await hub.connect();
  });

  test("headers do not disturb it", async () => {
    const calls = connection.with({ headers: { tenant: "a", empty: "", ümlaut: "€" } });
    await expect(calls.invoke("Add", 1, 2)).resolves.toBe(3);
    await calls.send("Note", "with headers");
    await expect(connection.invoke("Notes")).resolves.toEqual(["with headers"]);
    await expect(collect(calls.stream("Flood", 3))).resolves.toEqual([0, 1, 2]);
  });

  // .NET 10 ignores the cancellation of plain calls; their late answers must mean nothing.
  test("a plain call is given up at once, and its late answer harms nobody", async () => {
    const gate = hub.newMarker();
    const controller = new AbortController();
    const call = failureOf(connection.with({ signal: controller.signal }).invoke("WaitAtGate", gate));
    await hub.server.waitForEvent("waiting-at-gate", { detail: gate });
    controller.abort();
    expect(await call).toBeInstanceOf(AbortError);
    await hub.server.openGate(gate);
    await expect(connection.invoke("Add", 1, 2)).resolves.toBe(3);
  });

  test("a plain call that takes too long rejects", async () => {
    const gate = hub.newMarker();
    const error = await failureOf(connection.with({ timeout: 50 }).invoke("WaitAtGate", gate));
    expect(error).toMatchObject({ name: "TimeoutError", code: "call-timeout" });
    await hub.server.openGate(gate);
    await expect(connection.invoke("Add", 1, 2)).resolves.toBe(3);
  });

  test("a stream that is given up is cancelled on the server", async () => {
    const controller = new AbortController();
    const stream = connection.with({ signal: controller.signal }).stream<number>("Endless", 1);
    const read = (async () => {
      for await (const item of stream) if (item === 3) controller.abort("enough");
    })();
    expect(await failureOf(read)).toMatchObject({ code: "aborted", cause: "enough" });
    await hub.server.waitForEvent("stream-cancelled", connection);
  });

  test("the method that reads the uploads of a call hears that it was given up", async () => {
    const controller = new AbortController();
    const subject = new Subject<number>();
    const call = failureOf(connection.with({ signal: controller.signal }).invoke("UploadOutcome", subject));
    subject.next(1);
    controller.abort();
    expect(await call).toBeInstanceOf(AbortError);
    const { detail } = await hub.server.waitForEvent("upload-failed", connection);
    expect(detail).toContain("Stream canceled by client.");
    await expect(connection.invoke("Add", 1, 2)).resolves.toBe(3);
  });

  test("so does one that reads the uploads of a send", async () => {
    const controller = new AbortController();
    const subject = new Subject<number>();
    await connection.with({ signal: controller.signal }).send("UploadOutcome", subject);
    subject.next(1);
    controller.abort();
    await hub.server.waitForEvent("upload-failed", connection);
  });

  test("a stream that reads an upload ends when it is given up", async () => {
    const controller = new AbortController();
    const subject = new Subject<string>();
    const stream = connection.with({ signal: controller.signal }).stream<string>("EchoStream", subject);
    subject.next("a");
    const read = (async () => {
      for await (const item of stream) if (item === "A") controller.abort();
    })();
    expect(await failureOf(read)).toBeInstanceOf(AbortError);
    await expect(connection.invoke("Add", 1, 2)).resolves.toBe(3);
  });

  describe("traces", () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

    beforeAll(() => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    });

    afterAll(() => {
      context.disable();
      propagation.disable();
    });

    test("go on in the hub method", async () => {
      exporter.reset();
      connection.use(traceCalls({ tracerProvider: provider }));
      const seen = [await connection.invoke("Trace"), ...(await collect(connection.stream("TraceStream")))];
      const spans = exporter.getFinishedSpans().map((span) => span.spanContext());
      expect(spans).toHaveLength(2);
      expect(seen).toMatchObject(
        spans.map(({ traceId, spanId }) => ({
          traceId,
          parentSpanId: spanId,
          source: "Microsoft.AspNetCore.SignalR.Server",
          operationName: "Microsoft.AspNetCore.SignalR.Server.InvocationIn",
        })),
      );
    });

    test("of the application take the state of the trace along", async () => {
      const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const carrier = { traceparent: parent, tracestate: "vendor=1" };
      const outer = propagation.extract(context.active(), carrier);
      connection.use(traceCalls({ tracerProvider: provider }));
      const seen = await context.with(outer, () => connection.invoke("Trace"));
      expect(seen).toMatchObject({
        traceId: trace.getSpanContext(outer)?.traceId,
        traceState: "vendor=1",
      });
    });
  });
});
