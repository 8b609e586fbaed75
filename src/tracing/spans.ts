/** What the spans of both ends have in common: names, attributes and outcome, as .NET has them. */
import { SpanStatusCode, type Attributes, type Span, type TracerProvider } from "@opentelemetry/api";

/** Options of tracing; all optional. */
export interface TracingOptions {
  /** Makes the spans. Default: the provider that was registered for the process. */
  readonly tracerProvider?: TracerProvider | undefined;
}

/** Name of a span. */
export function spanName(service: string, method: string): string {
  return service === "" ? method : `${service}/${method}`;
}

/** Attributes of a call. @param service What the method belongs to; an empty text when that is unknown. */
export function rpcAttributes(service: string, method: string): Attributes {
  return {
    "rpc.system": "signalr",
    ...(service !== "" && { "rpc.service": service }),
    "rpc.method": method,
  };
}

/** Ends a span unless it has ended. */
export function endOnce(span: Span): void {
  if (span.isRecording()) span.end();
}

/** Ends a span with a failure, unless it has ended. The message stays out of it: it may be private. */
export function endWithError(span: Span, thrown: unknown): void {
  if (!span.isRecording()) return;
  span.setAttribute("error.type", thrown instanceof Error ? thrown.name : typeof thrown);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Ends a span when a promise settles. @returns the same outcome. */
export async function untilSettled<T>(span: Span, work: PromiseLike<T>): Promise<T> {
  try {
    const value = await work;
    span.end();
    return value;
  } catch (thrown) {
    endWithError(span, thrown);
    throw thrown;
  }
}
