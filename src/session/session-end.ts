/** What the end of a session means: to the calls in flight, and to the owner when the peer said Close. */
import { HubError } from "../errors/call-errors.js";
import { ConnectionError } from "../errors/connection-errors.js";
import type { CloseMessage } from "../protocol/messages.js";
import type { SessionEnd } from "./session-options.js";

/** What calls in flight reject with: whatever ended the session, to them it is a lost connection; the reason is the cause. */
export function lossOf(cause: Error | undefined): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const text = cause?.message ?? "Invocation canceled due to the underlying connection being closed.";
  return new ConnectionError("connection-lost", text, { cause });
}

/** How a session ends that the peer's Close message ended. */
export function endOf(message: CloseMessage): SessionEnd {
  const text = message.error;
  // The cause has the peer's own words; a server wants nothing else.
  const cause = text == null ? undefined : new HubError(text);
  return {
    error: cause && new ConnectionError("server-closed", `Server returned an error on close: ${text}`, { cause }),
    allowReconnect: message.allowReconnect === true,
  };
}
