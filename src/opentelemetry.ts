/** Traces of hub calls with OpenTelemetry, on both ends: `hubwire/opentelemetry`. */

export { traceCalls } from "./tracing/client-tracing.js";
export { traceHubs, type HubTracing, type TracedInvocation } from "./tracing/server-tracing.js";
export type { TracingOptions } from "./tracing/spans.js";
