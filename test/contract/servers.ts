/** The servers that the contract suite runs against: hubwire's own, and ASP.NET Core. */
import { startAspNetCoreServer } from "../support/aspnetcore-server.js";
import { startInteropServer } from "../support/interop-server.js";
import type { ContractServer } from "./contract.js";

/** Starts hubwire's server. */
export async function startHubwire(): Promise<ContractServer> {
  const { url, clients, stop } = await startInteropServer();
  return {
    url,
    stop,
    push: ({ target, name = "", method, arguments: args }) => {
      const { all } = clients;
      const proxies = {
        all: () => all,
        group: () => clients.group(name),
        user: () => clients.user(name),
        connection: () => clients.client(name),
      };
      return proxies[target]().send(method, ...args);
    },
  };
}

/** Starts ASP.NET Core; the first time on a machine it is built. */
export async function startAspNetCore(): Promise<ContractServer> {
  const server = await startAspNetCoreServer();
  return {
    url: `${server.url}/contract`,
    push: (order) => server.push({ hub: "contract", ...order }),
    stop: () => server.stop(),
  };
}
