/** The official `DefaultHttpClient` in Node, for users who extend or wrap the client that connections use by default. */
import type { Logger } from "../../logging/logger.js";
import { nodeClock } from "./node-clock.js";
import { NodeHttpClient } from "./node-http-client.js";

/** The HTTP client that connections use by default. */
export class DefaultHttpClient extends NodeHttpClient {
  /** @param _logger Taken for compatibility; requests are not logged. */
  constructor(_logger?: Logger) {
    super(nodeClock);
  }
}
