/** Automatic reconnect as a part of a connection: what `withAutomaticReconnect` and `automaticReconnect` take. */
import { InvalidArgumentError } from "../errors/call-errors.js";
import { ReconnectLoop } from "./reconnect-loop.js";
import { DelayListPolicy, type RetryPolicy } from "./retry-policy.js";

/**
 * Makes the part that reconnects a lost connection by itself.
 * @param policy Milliseconds to wait before each attempt, or a policy that decides. Default: 0, 2, 10 and 30 seconds, then it gives up.
 * @throws InvalidArgumentError for anything else.
 */
export function automaticReconnect(policy?: readonly number[] | RetryPolicy): ReconnectLoop {
  return new ReconnectLoop(toRetryPolicy(policy));
}

function toRetryPolicy(policy: readonly number[] | RetryPolicy | undefined): RetryPolicy {
  if (policy == null) return new DelayListPolicy();
  if (!Array.isArray(policy)) {
    if (typeof policy === "object" && "nextRetryDelayInMilliseconds" in policy) return policy;
    throw new InvalidArgumentError("A retry policy needs a nextRetryDelayInMilliseconds method.");
  }
  if (policy.every((delay) => typeof delay === "number" && delay >= 0)) return new DelayListPolicy(policy);
  throw new InvalidArgumentError("Retry delays must be milliseconds.");
}
