/** The contract's hub on a server of its own; the contract suite, the official clients and the snippets run against it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { MessagePackHubProtocol } from "../../src/msgpack.js";
import { JsonHubProtocol } from "../../src/protocol/json-hub-protocol.js";
import { createHubServer, type HubClients } from "../../src/server/index.js";
import { InteropHub, InteropState } from "./interop-hub.js";
import { authenticate } from "./interop-requests.js";

/** A server with the contract's hub. */
export interface InteropServer {
  /** Address of the hub. */
  readonly url: string;
  /** The clients of the hub, as code outside of hubs sees them. */
  readonly clients: HubClients;
  /** Closes it. */
  stop(): Promise<void>;
}

/** Starts one on a free port, with both encodings. */
export async function startInteropServer(): Promise<InteropServer> {
  const hubs = createHubServer({
    logger: null,
    keepAliveInterval: 1_000,
    clientTimeoutInterval: 6_000,
    protocols: [new JsonHubProtocol(), new MessagePackHubProtocol({ useBigInt64: true })],
  });
  const state = new InteropState();
  const createHub = () => new InteropHub(state);
  hubs.mapHub("/contract", InteropHub, { allowStatefulReconnects: true, authenticate, createHub });
  const server = hubs.attach(createServer((_request, response) => response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/contract`,
    clients: hubs.hub(InteropHub).clients,
    stop: async () => {
      await hubs.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
