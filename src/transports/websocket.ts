/** The WebSocket transport of the client (TRANSPORTS §3). */
import { abortError, onAbort } from "../common/abort-scope.js";
import { toError } from "../errors/to-error.js";
import { authorized } from "../http/access-token.js";
import { TransferFormat } from "../protocol/messages.js";
import type { Connection } from "../session/connection.js";
import type { OpenSocket, SocketTarget } from "./socket.js";
import { skipped, UNAVAILABLE } from "./transport-problem.js";
import type { ConnectRequest, SocketTransport } from "./transport.js";

/**
 * WebSockets, where the runtime has them. The token is asked for anew, and sent as a header wherever the runtime can. Connecting rejects
 * with what the runtime tells: in Node an HttpError if the server refused the upgrade.
 */
export const webSockets: SocketTransport = {
  name: "WebSockets",
  transferFormats: TransferFormat.Text | TransferFormat.Binary,
  isAvailable: ({ openSocket }) => openSocket !== undefined,
  async connect({ openSocket, token }, request) {
    const { url, signal } = request;
    if (!openSocket) throw skipped("WebSockets", UNAVAILABLE);
    await token.renew(signal, "connect", url);
    return authorized(token, url, signal, () => open({ url, token }, openSocket, request));
  },
};

function open(target: SocketTarget, openSocket: OpenSocket, { listener, signal }: ConnectRequest): Promise<Connection> {
  return new Promise((resolve, reject) => {
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
    const connection = openSocket(target, onOpen, { onData: () => undefined, onClosed });
    const release = onAbort(signal, () => {
      connection.terminate();
      reject(abortError(signal));
    });
  });
}
