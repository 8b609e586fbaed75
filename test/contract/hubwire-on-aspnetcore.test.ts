/** The contract between hubwire's client and the real ASP.NET Core. */
import { describeWhen } from "../support/requirements.js";
import { hubwireClient } from "./clients.js";
import { ON_ASPNETCORE } from "./combinations.js";
import { runContract } from "./run-contract.js";
import { startAspNetCore } from "./servers.js";

describeWhen("dotnet", "contract: hubwire's client on ASP.NET Core", () => {
  runContract({ client: hubwireClient, combinations: ON_ASPNETCORE, impossible: [], start: startAspNetCore });
});
