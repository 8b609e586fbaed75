/** Tells a hub that a client's authentication was refreshed: a call of `onAuthenticationRefreshed`, in line with the client's own calls. */
import { InvalidStateError } from "../errors/call-errors.js";
import { MessageType, type InvocationMessage } from "../protocol/messages.js";
import { HubCall, type CallSource } from "./hub-call.js";
import type { HubMethod } from "./hub-definition.js";
import type { HubLike } from "./hub.js";
import type { HubUser } from "./hub-context.js";

const NAME = "onAuthenticationRefreshed";

/** Makes the call. @param user The new user; by the time that the call has its turn there may be a newer one, who has a call too. */
export function refreshNotice({ context, audience, groups }: CallSource, user: HubUser | undefined): HubCall {
  const message: InvocationMessage = { type: MessageType.Invocation, target: NAME, arguments: [] };
  const method: HubMethod = {
    name: NAME,
    run(this: HubLike) {
      return this.context.user === user ? this.onAuthenticationRefreshed() : undefined;
    },
    requiredParameters: 0,
    streamPositions: undefined,
    isAsyncGenerator: false,
  };
  return new HubCall({ context, audience, groups, releaseSlot: refuseInvoke }, message, method);
}

function refuseInvoke(): never {
  throw new InvalidStateError(`Clients cannot be asked for results inside ${NAME}.`);
}
