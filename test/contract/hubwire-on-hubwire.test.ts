/** The contract with hubwire at both ends. */
import { hubwireClient } from "./clients.js";
import { IMPOSSIBLE, ON_HUBWIRE } from "./combinations.js";
import { runContract } from "./run-contract.js";
import { startHubwire } from "./servers.js";

describe("contract: hubwire's client on hubwire's server", () => {
  runContract({ client: hubwireClient, combinations: ON_HUBWIRE, impossible: IMPOSSIBLE, start: startHubwire });
});
