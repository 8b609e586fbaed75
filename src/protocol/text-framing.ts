/** How messages of text are told apart in a stream (HUB_PROTOCOL §2), and the limit for messages of any kind. Used by the encodings and the handshake. */
import { LimitError } from "../errors/call-errors.js";

/** Ends every JSON message; never occurs inside one. */
export const RECORD_SEPARATOR = "\u001e";

/** The error about a message of the peer that is larger than allowed. */
export function tooLarge(maximumSize: number): LimitError {
  return new LimitError("maximumReceiveMessageSize", `The maximum message size of ${maximumSize} bytes was exceeded.`);
}
