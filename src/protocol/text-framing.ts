/** How JSON messages are told apart in a stream (HUB_PROTOCOL §2). Used by the JSON encoding and by the handshake. */

/** Ends every JSON message; never occurs inside one. */
export const RECORD_SEPARATOR = "\u001e";
