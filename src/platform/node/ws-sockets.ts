/** Opens WebSockets in Node with `ws`, on a kept-alive connection of the HTTP client where there is one. */
import type { ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { Clock } from "../../common/clock.js";
import { HttpError } from "../../errors/http-errors.js";
import type { NodeWebSocketOptions } from "../../http/node-options.js";
import type { ConnectionListener } from "../../session/connection.js";
import { CLOSE_TIMEOUT_MS, type OpenSocket, type SocketTarget } from "../../transports/socket.js";
import type { Agents } from "./agents.js";
import type { Cookies } from "./cookies.js";
import { isStaleConnection, networkError } from "./network-error.js";
import { WsSocket } from "./ws-socket.js";

/** As much as a client takes as one hub message, so that its own limit is the one that speaks. */
const MAXIMUM_FRAME_SIZE = 128 * 1024 * 1024;

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

/** An upgrade request, and how the server refused it if it did. */
interface Upgrade {
  /** Asks anew. @throws when the application's agents are gone, say. */
  readonly again: () => [WebSocket, Upgrade];
  /** Called when it is open. */
  readonly onOpen: () => void;
  request?: ClientRequest;
  stream?: Duplex;
  refusal?: HttpError;
}

/** Makes {@link OpenSocket}. */
export function wsSockets(surroundings: Surroundings, clock: Clock): OpenSocket {
  return (target, onOpen, listener) => new ClientSocket(upgrading(target, surroundings, onOpen), clock, listener);
}

/** A socket that the client opens. */
class ClientSocket extends WsSocket {
  /** There until it is open: it keeps its headers and its answer in memory. */
  #upgrade: Upgrade | undefined;

  constructor([socket, upgrade]: [WebSocket, Upgrade], clock: Clock, listener: ConnectionListener) {
    super(socket, clock, CLOSE_TIMEOUT_MS, listener);
    this.#expect(socket, upgrade);
  }

  protected override onClose(code: number, reason: string, cause: unknown): void {
    const upgrade = this.#upgrade;
    if (upgrade === undefined) return super.onClose(code, reason, cause);
    const isStale = upgrade.request?.reusedSocket && isStaleConnection(cause);
    if (!isStale) return super.onClose(code, reason, upgrade.refusal ?? networkError(cause));
    try {
      // Each dead connection is used up; in the end there is a fresh one.
      const [socket, next] = upgrade.again();
      this.attach(socket);
      this.#expect(socket, next);
    } catch (thrown) {
      super.onClose(code, reason, thrown);
    }
  }

  #expect(socket: WebSocket, upgrade: Upgrade): void {
    this.#upgrade = upgrade;
    socket.once("open", () => {
      this.stream = upgrade.stream;
      this.#upgrade = undefined;
      this.listen();
      upgrade.onOpen();
    });
  }
}

function upgrading(target: SocketTarget, surroundings: Surroundings, onOpen: () => void): [WebSocket, Upgrade] {
  const { agents, cookies, headersFor, webSocketOptions } = surroundings;
  const url = target.url.replace(/^http/, "ws");
  const headers = headersFor(target);
  const upgrade: Upgrade = { again: () => upgrading(target, surroundings, onOpen), onOpen };
  const base = { perMessageDeflate: false, maxPayload: MAXIMUM_FRAME_SIZE };
  const options = Object.assign(base, webSocketOptions, agents.dispatchTo(url), {
    headers,
    followRedirects: false, // its agent and its cookies are this URL's
    finishRequest(request: ClientRequest) {
      upgrade.request = request;
      request.once("response", ({ statusCode = 0, statusMessage = "", headers: answer }) => {
        cookies.store(answer["set-cookie"], url);
        upgrade.refusal = new HttpError(statusMessage || "The upgrade was refused", statusCode, answer["retry-after"]);
      });
      // Before `ws` says that it is open.
      request.prependOnceListener("upgrade", ({ headers: answer }, stream) => {
        cookies.store(answer["set-cookie"], url);
        upgrade.stream = stream;
      });
      if (cookies.isEmpty) request.end();
      else sendWithCookies(request, cookies.addTo(headers, url));
    },
  });
  return [new WebSocket(url, options), upgrade];
}

function sendWithCookies(request: ClientRequest, headers: Promise<Readonly<Record<string, string>>>): void {
  const send = ({ Cookie }: Readonly<Record<string, string>>) => {
    if (request.destroyed) return;
    if (Cookie !== undefined) request.setHeader("Cookie", Cookie);
    request.end();
  };
  headers.then(send).catch((error: Error) => void request.destroy(error));
}
