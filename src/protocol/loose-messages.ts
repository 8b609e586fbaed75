/** The messages as applications see them: their values are `any`, as in the official package, so that code written for it compiles. */
import type * as strict from "./messages.js";

/* eslint-disable @typescript-eslint/no-explicit-any -- that is what this file is for */

/** A method call that is answered with at most one result. */
export interface InvocationMessage extends strict.InvocationMessage {
  /** Its arguments, without those that are streams. */
  readonly arguments: any[];
}

/** A method call that is answered with a stream. */
export interface StreamInvocationMessage extends strict.StreamInvocationMessage {
  /** Its arguments, without those that are streams. */
  readonly arguments: any[];
}

/** One item of a stream. */
export interface StreamItemMessage extends strict.StreamItemMessage {
  /** The item. */
  readonly item?: any;
}

/** The end of a call or of a stream. Never has both a result and an error. */
export interface CompletionMessage extends strict.CompletionMessage {
  /** The result, if there is one. */
  readonly result?: any;
}

/** Any message. */
export type HubMessage =
  | InvocationMessage
  | StreamInvocationMessage
  | StreamItemMessage
  | CompletionMessage
  | Exclude<
      strict.HubMessage,
      strict.InvocationMessage | strict.StreamInvocationMessage | strict.StreamItemMessage | strict.CompletionMessage
    >;
