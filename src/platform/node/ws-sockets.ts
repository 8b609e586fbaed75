/** Opens WebSockets in Node with `ws`, on a kept-alive connection of the HTTP client where there is one. */
import type { ClientRequest } from "node:http";
import { WebSocket } from "ws";
import { HttpError } from "../../errors/http-errors.js";
import type { NodeWebSocketOptions } from "../../http/node-options.js";
import type { OpenSocket, SocketListener, SocketTarget } from "../../transports/socket.js";
import type { Agents } from "./agents.js";
import type { Cookies } from "./cookies.js";
import { isStaleConnection, networkError } from "./network-error.js";
import { WsSocket } from "./ws-socket.js";

/** As much as a client takes as one hub message, so that its own limit is the one that speaks. */
const MAXIMUM_FRAME_SIZE = 128 * 1024 * 1024;

/** An upgrade request, and how the server refused it if it did. */
interface Upgrade {
  request?: ClientRequest | undefined;
  refusal?: HttpError;
}

/** What upgrades share with the other requests of their hub connection. */
interface Surroundings {
  /** Have kept-alive connections, which save a TCP handshake. */
  readonly agents: Agents;
  /** Go with the upgrade, and come with its answer. */
  readonly cookies: Cookies;
  /** The headers of an upgrade, the token's among them, without cookies. */
  readonly headersFor: (target: SocketTarget) => Readonly<Record<string, string>>;
  /** The user's settings. */
  readonly webSocketOptions?: NodeWebSocketOptions | undefined;
}

/** Makes {@link OpenSocket}. */
export function wsSockets(surroundings: Surroundings): OpenSocket {
  return (target, onOpen, listener) => {
    let upgrade: Upgrade = {};

    const open = () => {
      const webSocket = openWebSocket(target, upgrade, surroundings);
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
        const isStale = upgrade.request?.reusedSocket && isStaleConnection(cause);
        if (!isStale) return listener.onClose(code, reason, upgrade.refusal ?? networkError(cause));
        // Each dead connection is used up; in the end there is a fresh one.
        upgrade = {};
        try {
          socket.attach(open());
        } catch (thrown) {
          listener.onClose(code, reason, thrown); // the application's agents are gone, say
        }
      },
    };
    const socket = new WsSocket(open(), connecting);
    return socket;
  };
}

function openWebSocket(
  target: SocketTarget,
  upgrade: Upgrade,
  { agents, cookies, headersFor, webSocketOptions }: Surroundings,
): WebSocket {
  const url = target.url.replace(/^http/, "ws");
  const headers = headersFor(target);
  return new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAXIMUM_FRAME_SIZE,
    ...webSocketOptions,
    ...agents.dispatchTo(url),
    headers,
    followRedirects: false, // its agent and its cookies are this URL's
    finishRequest(request) {
      upgrade.request = request;
      request.once("response", ({ statusCode = 0, statusMessage = "", headers: answer }) => {
        cookies.store(answer["set-cookie"], url);
        upgrade.refusal = new HttpError(statusMessage || "The upgrade was refused", statusCode, answer["retry-after"]);
      });
      request.once("upgrade", ({ headers: answer }) => cookies.store(answer["set-cookie"], url));
      if (cookies.isEmpty) request.end();
      else sendWithCookies(request, cookies.addTo(headers, url));
    },
  });
}

function sendWithCookies(request: ClientRequest, headers: Promise<Readonly<Record<string, string>>>): void {
  const send = ({ Cookie }: Readonly<Record<string, string>>) => {
    if (request.destroyed) return;
    if (Cookie !== undefined) request.setHeader("Cookie", Cookie);
    request.end();
  };
  headers.then(send).catch((error: Error) => void request.destroy(error));
}
