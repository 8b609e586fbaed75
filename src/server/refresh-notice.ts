/** Tells a hub that a client's authentication was refreshed: a call of `onAuthenticationRefreshed`, in line with the client's own calls. */
import { InvalidStateError } from "../errors/call-errors.js";
import { MessageType, type InvocationMessage } from "../protocol/messages.js";
import { HubCall, type CallSource } from "./hub-call.js";
import type { HubMethod } from "./hub-definition.js";
import type { HubLike } from "./hub.js";

/** What the call runs. */
export const REFRESH_NOTICE: HubMethod = {
  name: "onAuthenticationRefreshed",
  run(this: HubLike) {
    return this.onAuthenticationRefreshed();
  },
  requiredParameters: 0,
  streamPositions: undefined,
  isAsyncGenerator: false,
};

/** Makes the call. It tells of whoever is the user when it has its turn, so that one that waits is enough. */
export function refreshNotice({ context, audience, groups }: CallSource): HubCall {
  const message: InvocationMessage = { type: MessageType.Invocation, target: REFRESH_NOTICE.name, arguments: [] };
  return new HubCall({ context, audience, groups, releaseSlot: refuseInvoke }, message, REFRESH_NOTICE);
}

function refuseInvoke(): never {
  throw new InvalidStateError(`Clients cannot be asked for results inside ${REFRESH_NOTICE.name}.`);
}
