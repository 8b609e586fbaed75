/** Streams as a part: an application that neither asks for a stream nor uploads one does not carry what it takes. */
import { toError } from "../errors/to-error.js";
import type { Log } from "../logging/logger.js";
import { MessageType, type MessageHeaders } from "../protocol/messages.js";
import { cancelCall } from "./cancel-call.js";
import type { HubSession } from "./hub-session.js";
import { ResultStream, type StreamBuffering } from "./result-stream.js";
import { StreamWriter } from "./stream-writer.js";
import { Uploads } from "./uploads.js";

/** The part of a connection that carries streams, in both directions: {@link streams}. */
export interface StreamsPart {
  /** Makes what the readers of a streaming call get. @param cancel Tells the server, once, that nobody reads any more. */
  receive(log: Log, cancel: () => void, buffering?: StreamBuffering): ResultStream;
  /** Calls a method that answers with a stream. */
  call(session: HubSession, log: Log, target: string, args: unknown[], headers?: MessageHeaders): ResultStream;
  /** Makes the result of a streaming call that could not be begun. */
  fail(log: Log, thrown: unknown): ResultStream;
  /** Looks after the uploads of one session. */
  uploadsOf(session: HubSession): Uploads;
}

/** Lets a connection ask for streams, and upload those among the arguments of its calls. */
export const streams: StreamsPart = {
  receive: (log, cancel, buffering) => new ResultStream(log, cancel, buffering),
  call: (session, log, target, args, headers) => {
    const stream: ResultStream = new ResultStream(log, () => cancelCall(session, stream.id));
    session.call(MessageType.StreamInvocation, stream, target, args, headers);
    return stream;
  },
  fail: (log, thrown) => {
    const stream = new ResultStream(log, () => undefined);
    stream.onFailed(toError(thrown));
    return stream;
  },
  uploadsOf: (session) => new Uploads(new StreamWriter(session)),
};
