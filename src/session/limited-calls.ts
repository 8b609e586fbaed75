/** Calls with limits of their own: a signal, a time, how much of a stream may be left unread. What most calls do without. */
import { MessageType, type MessageHeaders } from "../protocol/messages.js";
import { cancelCall } from "./cancel-call.js";
import { CallGuard, type CallLimits } from "./call-guard.js";
import type { HubSession } from "./hub-session.js";
import { PendingCall } from "./pending-call.js";
import type { ResultStream, StreamBuffering } from "./result-stream.js";
import type { StreamsPart } from "./streams.js";
import type { Log } from "../logging/logger.js";

/** What a call may be limited by, and what it takes along. */
export interface LimitedCallOptions extends CallLimits, StreamBuffering {
  readonly log: Log;
  readonly headers?: Readonly<MessageHeaders> | undefined;
}

/** The same as {@link HubSession.invoke}, within limits. */
export function invokeWithin(
  session: HubSession,
  target: string,
  args: unknown[],
  options: LimitedCallOptions,
): Promise<unknown> {
  const pending = new PendingCall();
  const guard = new CallGuard(pending, options);
  session.call(MessageType.Invocation, guard, target, args, options.headers);
  guard.watch((error) => {
    cancelCall(session, guard.id);
    pending.onFailed(error);
  });
  return pending.promise;
}

/** The same as {@link StreamsPart.call}, within limits. */
export function streamWithin(
  session: HubSession,
  streams: StreamsPart,
  target: string,
  args: unknown[],
  options: LimitedCallOptions,
): ResultStream {
  const stream = streams.receive(
    options.log,
    () => {
      guard.release();
      cancelCall(session, guard.id);
    },
    options,
  );
  const guard = new CallGuard(stream, options);
  session.call(MessageType.StreamInvocation, guard, target, args, options.headers);
  guard.watch((error) => stream.abort(error));
  return stream;
}
