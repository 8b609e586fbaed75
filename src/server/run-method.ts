/** Runs a hub method inside of the filters that are around it. */
import { around } from "../common/around.js";
import type { HubCall } from "./hub-call.js";
import type { HubInvocation } from "./hub-filters.js";
import { hubFor, type HubRuntime } from "./hub-runtime.js";

/** Runs the method of a call on a hub object of its own. Throws what the application's code throws. */
export function runMethod(runtime: HubRuntime, call: HubCall): unknown {
  const hub = hubFor(runtime, call);
  const { method, args, headers, context } = call;
  if (runtime.filterLayers.length === 0) return method.run.apply(hub, args);
  const last = async (invocation: HubInvocation): Promise<unknown> => method.run.apply(hub, invocation.args);
  return around(runtime.filterLayers, last)({ hub, method: method.name, args, headers, context });
}
