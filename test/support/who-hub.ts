/** A hub that says whose a connection is; used by the tests of the server's HTTP side. */
import { Hub } from "../../src/server/index.js";

/** Its method answers with the user's identifier. */
export class WhoHub extends Hub {
  whoAmI(): string | undefined {
    return this.context.userIdentifier;
  }
}
