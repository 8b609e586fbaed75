/** A socket that a test drives by hand; for what is built on the socket port. */
import type { Chunk, Encoded } from "../../../src/protocol/hub-protocol.js";
import { upgradeHeaders, type Requests } from "../../../src/http/http-context.js";
import type { Clock } from "../../../src/common/clock.js";
import type { ConnectionListener } from "../../../src/session/connection.js";
import { SocketConnection } from "../../../src/transports/socket-connection.js";
import type { OpenSocket, SocketTarget } from "../../../src/transports/socket.js";

/** What an upgrade goes to, as Node makes it. */
export interface Upgrade {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Makes the upgrade for a target. @param requests Those that go beside it. */
export function upgradeTo({ url, token }: SocketTarget, requests: Requests): Upgrade {
  return { url: url.replace(/^http/, "ws"), headers: upgradeHeaders(requests, url, token) };
}

/** A socket's events. */
export interface SocketListener {
  onMessage(chunk: Chunk): void;
  onClose(code: number, reason: string, cause?: unknown): void;
}

/** What a test makes a socket of. */
export interface Socket {
  send(data: Encoded): Promise<void> | undefined;
  close(code: number): void;
  terminate(): void;
}

/** A connection over one. */
export class MemoryConnection<S extends Socket> extends SocketConnection {
  readonly socket: S;

  constructor(
    attach: (events: SocketListener) => S,
    listener: ConnectionListener,
    clock: Clock,
    closeTimeoutMs = 1_000,
  ) {
    super(clock, closeTimeoutMs, listener);
    this.socket = attach({
      onMessage: (chunk) => this.listener.onData(chunk),
      onClose: (code, reason, cause) => this.onClose(code, reason, cause),
    });
  }

  send(data: Encoded): Promise<void> | undefined {
    return this.socket.send(data);
  }

  protected startClosing(code: number): void {
    this.socket.close(code);
  }

  protected drop(): void {
    this.socket.terminate();
  }
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
export function memorySockets(
  requests: Requests,
  clock: Clock,
): {
  readonly sockets: MemorySocket[];
  readonly openSocket: OpenSocket;
} {
  const sockets: MemorySocket[] = [];
  const openSocket: OpenSocket = (target, onOpen, listener) => {
    const attach = (events: SocketListener) => new MemorySocket(upgradeTo(target, requests), onOpen, events);
    const connection = new MemoryConnection(attach, listener, clock);
    sockets.push(connection.socket);
    return connection;
  };
  return { sockets, openSocket };
}
