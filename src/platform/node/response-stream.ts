/** Reads the answer to an event stream's request in Node while it comes; used by its HTTP client. */
import { streamProblem, type StreamListener } from "../../http/open-stream.js";
import type { AnswerHead, ReadResponse } from "./http-exchange.js";

/** The head of an answer, and what ends its body if that is an event stream. */
export interface StreamAnswer extends AnswerHead {
  /** Why it is none. */
  readonly problem: Error | undefined;
  /** Closes the stream. */
  readonly close: () => void;
}

/** Passes the body on once its first bytes are there. The body of anything but an event stream is of no interest. */
export function readStream(listener: StreamListener): ReadResponse<StreamAnswer> {
  return (response, head, fail, done) => {
    const problem = streamProblem(head.status, head.statusText, response.headers["content-type"]);
    const answer = { ...head, problem, close: () => void response.destroy() };
    let opened = false;
    const open = () => {
      opened = true;
      done(answer);
    };
    const end = (error?: Error) => {
      if (opened) listener.onEnd(error);
      else fail(error ?? new Error("The event stream is empty."));
    };
    response.on("error", end);
    if (problem) {
      done(answer);
      response.destroy();
      return;
    }
    response.on("data", (chunk: Buffer) => {
      if (!opened) open();
      listener.onBytes(chunk);
    });
    response.on("end", () => end());
  };
}
