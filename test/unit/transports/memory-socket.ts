/** A socket that a test drives by hand; for what is built on the socket port. */
import type { Encoded } from "../../../src/protocol/hub-protocol.js";
import type { OpenSocket, Socket, SocketListener, SocketTarget } from "../../../src/transports/socket.js";

/** Remembers what was asked of it. */
export class MemorySocket implements Socket {
  readonly sent: Encoded[] = [];
  readonly closes: number[] = [];
  terminated = 0;
  /** What `send` answers. */
  backPressure: Promise<void> | undefined;

  constructor(
    readonly target: SocketTarget,
    readonly open: () => void,
    readonly listener: SocketListener,
  ) {}

  send(data: Encoded): Promise<void> | undefined {
    this.sent.push(data);
    return this.backPressure;
  }

  close(code: number): void {
    this.closes.push(code);
  }

  terminate(): void {
    this.terminated++;
  }
}

/** Opens such sockets and keeps them. */
export function memorySockets(): { readonly sockets: MemorySocket[]; readonly openSocket: OpenSocket } {
  const sockets: MemorySocket[] = [];
  const openSocket: OpenSocket = (target, onOpen, listener) => {
    const socket = new MemorySocket(target, onOpen, listener);
    sockets.push(socket);
    return socket;
  };
  return { sockets, openSocket };
}
