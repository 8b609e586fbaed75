/** The contract between the official JavaScript client and hubwire's server. */
import { officialClient } from "./clients.js";
import { IMPOSSIBLE, ON_HUBWIRE } from "./combinations.js";
import { runContract } from "./run-contract.js";
import { startHubwire } from "./servers.js";

describe("contract: the official JavaScript client on hubwire's server", () => {
  runContract({ client: officialClient, combinations: ON_HUBWIRE, impossible: IMPOSSIBLE, start: startHubwire });
});
