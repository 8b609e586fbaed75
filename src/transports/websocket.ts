/** The WebSocket transport of the client (TRANSPORTS §3). */
import { abortError, onAbort } from "../common/abort-scope.js";
import { toError } from "../errors/to-error.js";
import { authorized, headersWithCookies } from "../http/http-context.js";
import { appendQuery, publicUrl } from "../http/url.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import { SocketConnection } from "./socket-connection.js";
import type { OpenSocket, SocketTarget } from "./socket.js";
import type { TransportContext } from "./transport-context.js";
import type { ConnectRequest, Transport } from "./transport.js";

const CLOSE_TIMEOUT_MS = 1_000;

/** Opens a WebSocket to the hub. The token is asked for anew, and sent as a header wherever the runtime can. */
export class WebSocketTransport implements Transport {
  /** See {@link Transport}. */
  readonly name = "WebSockets";
  /** See {@link Transport}. */
  readonly transferFormats: TransferFormat = TransferFormat.Text | TransferFormat.Binary;
  readonly #context: TransportContext;
  readonly #openSocket: OpenSocket;

  constructor(context: TransportContext, openSocket: OpenSocket) {
    this.#context = context;
    this.#openSocket = openSocket;
  }

  /** Connects. Rejects with what the runtime tells: in Node an HttpError if the server refused the upgrade. */
  async connect(request: ConnectRequest): Promise<Connection> {
    const { url, signal } = request;
    const context = this.#context;
    await context.token.renew(signal, { reason: "connect", url: publicUrl(url) });
    const open = (headers: Record<string, string>) => this.#open(request, headers);
    return authorized(context, url, signal, open, headersWithCookies(context, url));
  }

  #open({ url, listener, signal }: ConnectRequest, headers: Record<string, string>): Promise<Connection> {
    return new Promise<Connection>((resolve, reject) => {
      const onOpen = () => {
        release();
        connection.listener = listener;
        resolve(connection);
      };
      // Until the socket is open, what ends it is why connecting failed.
      const onClosed = (error: Error | undefined) => {
        release();
        reject(toError(error?.cause ?? error));
      };
      const connection = new SocketConnection(
        (socket) => this.#openSocket(this.#target(url, headers), onOpen, socket),
        { onData: () => undefined, onClosed },
        this.#context.clock,
        CLOSE_TIMEOUT_MS,
      );
      const release = onAbort(signal, () => {
        connection.terminate();
        reject(abortError(signal));
      });
    });
  }

  #target(hubUrl: string, headers: Record<string, string>): SocketTarget {
    const { token, tokenInQuery } = this.#context;
    const url = hubUrl.replace(/^http/, "ws");
    if (!tokenInQuery) return { url, headers };
    return { url: token.value ? appendQuery(url, "access_token", token.value) : url };
  }
}
