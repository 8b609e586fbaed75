/** Opens WebSockets in Node with `ws`, on a kept-alive connection of the HTTP client where there is one. */
import type { Agent, ClientRequest } from "node:http";
import { WebSocket } from "ws";
import { HttpError } from "../../errors/http-errors.js";
import type { OpenSocket, SocketListener, SocketTarget } from "../../transports/socket.js";
import { isStaleConnection, networkError } from "./network-error.js";
import type { NodeHttpClient } from "./node-http-client.js";
import { WsSocket } from "./ws-socket.js";

/** As much as a client takes as one hub message, so that its own limit is the one that speaks. */
const MAXIMUM_FRAME_SIZE = 128 * 1024 * 1024;

/** An upgrade request, and how the server refused it if it did. */
interface Upgrade {
  request?: ClientRequest | undefined;
  refusal?: HttpError;
}

/** Makes {@link OpenSocket}. @param pool Has kept-alive connections, which save a TCP handshake. */
export function wsSockets(pool: Pick<NodeHttpClient, "agentFor">): OpenSocket {
  return (target, onOpen, listener) => {
    let upgrade: Upgrade = {};
    let retried = false;

    const open = (agent?: Agent) => {
      const webSocket = openWebSocket(target, upgrade, agent);
      webSocket.once("open", () => {
        socket.listener = listener;
        // It would keep its headers and its answer in memory for as long as the socket lives.
        upgrade.request = undefined;
        onOpen();
      });
      return webSocket;
    };

    const connecting: SocketListener = {
      onMessage: (chunk) => listener.onMessage(chunk),
      onClose: (code, reason, cause) => {
        if (!retried && upgrade.request?.reusedSocket && isStaleConnection(cause)) {
          retried = true;
          upgrade = {};
          socket.attach(open());
        } else {
          listener.onClose(code, reason, upgrade.refusal ?? networkError(cause));
        }
      },
    };
    const socket = new WsSocket(open(pool.agentFor(target.url)), connecting);
    return socket;
  };
}

function openWebSocket({ url, headers }: SocketTarget, upgrade: Upgrade, agent: Agent | undefined): WebSocket {
  return new WebSocket(url, {
    headers,
    agent,
    perMessageDeflate: false,
    maxPayload: MAXIMUM_FRAME_SIZE,
    finishRequest(request) {
      upgrade.request = request;
      request.once("response", ({ statusCode = 0, statusMessage }) => {
        upgrade.refusal = new HttpError(statusMessage || "The upgrade was refused", statusCode);
      });
      request.end();
    },
  });
}
