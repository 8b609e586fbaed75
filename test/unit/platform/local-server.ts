/** A real HTTP server on a free port, for tests of what talks to one. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A listening server that knows its connections. */
export class LocalServer {
  readonly server: Server;
  readonly sockets = new Set<Socket>();
  /** How many TCP connections were ever made. */
  connections = 0;

  private constructor(listener: RequestListener) {
    this.server = createServer(listener);
    this.server.on("connection", (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  /** Starts a server; `await using` ends it. */
  static async start(listener: RequestListener = (_request, response) => void response.end()): Promise<LocalServer> {
    const local = new LocalServer(listener);
    await new Promise<void>((resolve) => local.server.listen(0, "127.0.0.1", resolve));
    return local;
  }

  /** The address with a path. */
  url(path = "/"): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** Ends the server and everything that is connected to it. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
