/** Spans for the calls of hub methods, with the client's as their parents. */
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { isStreamSource } from "../session/stream-source.js";
import { endWithError, rpcAttributes, spanName, type TracingOptions } from "./spans.js";
import { tracedStream } from "./traced-stream.js";

/** The instrumentation scope: the name that the spans of ASP.NET Core have. */
const SOURCE = "Microsoft.AspNetCore.SignalR.Server";

/** What tracing needs of a call: part of `HubInvocation`, so that this entry needs no types of Node. */
export interface TracedInvocation {
  readonly hub: object;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A filter for hubs; see `HubFilter` of `hubwire/server`. */
export interface HubTracing {
  /** Around every hub method. */
  invokeMethod<Invocation extends TracedInvocation>(
    this: void,
    invocation: Invocation,
    next: (invocation: Invocation) => Promise<unknown>,
  ): Promise<unknown>;
}

/**
 * Makes a filter that traces hub methods: `createHubServer({ filters: [traceHubs()] })`. Each call is a span of the kind Server until
 * its method is done, or its stream has ended. Its parent is the span in the headers of the message; without one it begins a trace of
 * its own. What is active when the call arrives, such as the span of the HTTP request that opened the connection, is linked.
 */
export function traceHubs({ tracerProvider = trace }: TracingOptions = {}): HubTracing {
  const tracer = tracerProvider.getTracer(SOURCE);
  return {
    async invokeMethod(invocation, next) {
      const { hub, method, headers } = invocation;
      const service = hub.constructor.name;
      const parent = propagation.extract(ROOT_CONTEXT, headers);
      const around = trace.getSpanContext(context.active());
      const attributes = rpcAttributes(service, method);
      const links = around === undefined ? [] : [{ context: around }];
      const span = tracer.startSpan(spanName(service, method), { kind: SpanKind.SERVER, attributes, links }, parent);
      const inside = trace.setSpan(parent, span);
      try {
        const result = await context.with(inside, () => next(invocation));
        if (isStreamSource(result)) return tracedStream(result, inside, span);
        span.end();
        return result;
      } catch (thrown) {
        endWithError(span, thrown);
        throw thrown;
      }
    },
  };
}
