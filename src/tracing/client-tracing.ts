/** Spans for the calls of a client, which go to the hub in the headers of their messages. */
import { context, propagation, SpanKind, trace, type Context, type Span } from "@opentelemetry/api";
import type { HubInterceptor, InterceptedCall } from "../client/interceptors.js";
import { ignoreRejection } from "../common/deferred.js";
import { rpcAttributes, spanName, untilSettled, type TracingOptions } from "./spans.js";

/** The instrumentation scope: the name that the .NET client's spans have. */
const SOURCE = "Microsoft.AspNetCore.SignalR.Client";

/**
 * Makes an interceptor that traces calls: `connection.use(traceCalls())`. Each `invoke`, `send` and `stream` is a span of the kind
 * Client until its answer, its hand-over to the transport, or the end of the stream; its context travels in the headers of the message
 * as the registered propagator writes it (`traceparent`, `tracestate`).
 */
export function traceCalls({ tracerProvider = trace }: TracingOptions = {}): HubInterceptor {
  const tracer = tracerProvider.getTracer(SOURCE);

  function begin<T>(
    call: InterceptedCall,
    next: (call: InterceptedCall) => T,
  ): { readonly span: Span; readonly result: T } {
    const { hostname, port, protocol, pathname } = new URL(call.connection.baseUrl);
    const service = pathname.replace(/^\/+|\/+$/g, "");
    const attributes = {
      ...rpcAttributes(service, call.method),
      "server.address": hostname,
      "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
    };
    const span = tracer.startSpan(spanName(service, call.method), { kind: SpanKind.CLIENT, attributes });
    const inside: Context = trace.setSpan(context.active(), span);
    const headers = { ...call.headers };
    propagation.inject(inside, headers);
    return { span, result: context.with(inside, () => next({ ...call, headers })) };
  }

  return {
    invoke(call, next) {
      const { span, result } = begin(call, next);
      return untilSettled(span, result);
    },
    send(call, next) {
      const { span, result } = begin(call, next);
      return untilSettled(span, result);
    },
    stream(call, next) {
      const { span, result } = begin(call, next);
      ignoreRejection(untilSettled(span, result.ended));
      return result;
    },
  };
}
