/** A socket that a test drives by hand; for what is built on the socket port. */
import type { Encoded } from "../../../src/protocol/hub-protocol.js";
import { upgradeHeaders, type Requests } from "../../../src/http/http-context.js";
import type { OpenSocket, Socket, SocketListener, SocketTarget } from "../../../src/transports/socket.js";

/** What an upgrade goes to, as Node makes it. */
export interface Upgrade {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Makes the upgrade for a target. @param requests Those that go beside it. */
export function upgradeTo({ url, token }: SocketTarget, requests: Requests): Upgrade {
  return { url: url.replace(/^http/, "ws"), headers: upgradeHeaders(requests, url, token) };
}

/** Remembers what was asked of it. */
export class MemorySocket implements Socket {
  readonly sent: Encoded[] = [];
  readonly closes: number[] = [];
  terminated = 0;
  /** What `send` answers. */
  backPressure: Promise<void> | undefined;

  constructor(
    readonly target: Upgrade,
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

/** Opens such sockets and keeps them. @param requests Those that go beside them. */
export function memorySockets(requests: Requests): {
  readonly sockets: MemorySocket[];
  readonly openSocket: OpenSocket;
} {
  const sockets: MemorySocket[] = [];
  const openSocket: OpenSocket = (target, onOpen, listener) => {
    const socket = new MemorySocket(upgradeTo(target, requests), onOpen, listener);
    sockets.push(socket);
    return socket;
  };
  return { sockets, openSocket };
}
