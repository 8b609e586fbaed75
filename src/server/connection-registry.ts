/** The connections of one mapped hub by their secret token: those that were negotiated, and those that are open (TRANSPORTS §1). */
import { randomBytes } from "node:crypto";
import type { Capacity } from "./capacity.js";
import type { ClientConnection } from "./client-connection.js";
import type { Heartbeat, HeartbeatMember } from "./heartbeat.js";
import type { ServerConnection } from "./server-connection.js";
import type { Identity } from "./visitor.js";

const ID_BYTES = 16;
const IDS_AT_ONCE = 64;

/** What has become of a {@link Registration}. */
export type RegistrationState =
  /** Nobody has connected so far. It is forgotten unless somebody does until then. */
  | { readonly kind: "negotiated"; readonly expires: number }
  /** Somebody has: over this link, whose transport never changes. */
  | { readonly kind: "open"; readonly link: ServerConnection; readonly client: ClientConnection };

/** One connection, from its negotiation to its end, and whose it is all that time. */
export interface Registration extends Identity {
  /** Public. */
  readonly connectionId: string;
  /** Secret: whoever knows it may connect. */
  readonly token: string;
  /** Whether stateful reconnect was negotiated. */
  readonly isStateful: boolean;
  state: RegistrationState;
}

/** What was negotiated. */
export interface RegistrationOptions {
  /** Whether the client knows tokens; to the oldest clients the public id is the token (negotiate version 0). */
  readonly hasToken: boolean;
  /** Whether it may go on over another WebSocket when it loses one. */
  readonly isStateful: boolean;
}

/** Finds connections, and forgets those that nobody uses. */
export class ConnectionRegistry implements HeartbeatMember {
  readonly #capacity: Capacity;
  readonly #heartbeat: Heartbeat;
  readonly #connectTimeoutMs: number;
  readonly #all = new Map<string, Registration>();
  /** Those that nobody has connected to, oldest first. */
  readonly #negotiated = new Set<Registration>();

  /** @param connectTimeoutMs How long a client has to connect after it has negotiated. */
  constructor(capacity: Capacity, heartbeat: Heartbeat, connectTimeoutMs: number) {
    this.#capacity = capacity;
    this.#heartbeat = heartbeat;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** The open connections. */
  get clients(): ClientConnection[] {
    return [...this.#all.values()].flatMap(({ state }) => (state.kind === "open" ? state.client : []));
  }

  /**
   * Makes a new connection for somebody to connect to.
   * @returns nothing when there are too many connections.
   */
  create({ user, userIdentifier }: Identity, { hasToken, isStateful }: RegistrationOptions): Registration | undefined {
    if (!this.#capacity.take()) return undefined;
    const connectionId = randomId();
    const token = hasToken ? randomId() : connectionId;
    const expires = this.#heartbeat.now() + this.#connectTimeoutMs;
    const state: RegistrationState = { kind: "negotiated", expires };
    const registration: Registration = { connectionId, token, user, userIdentifier, isStateful, state };
    this.#all.set(token, registration);
    this.#negotiated.add(registration);
    this.#heartbeat.add(this);
    return registration;
  }

  /** The connection with this token. */
  find(token: string): Registration | undefined {
    return this.#all.get(token);
  }

  /** Somebody has connected. */
  connect(registration: Registration, link: ServerConnection, client: ClientConnection): void {
    registration.state = { kind: "open", link, client };
    this.#forgetNegotiation(registration);
  }

  /** The connection is over. */
  delete(registration: Registration): void {
    if (this.#all.delete(registration.token)) this.#capacity.giveBack();
    this.#forgetNegotiation(registration);
  }

  /** Forgets all that nobody has connected to. */
  clear(): void {
    for (const registration of this.#negotiated) this.delete(registration);
  }

  /** Called by the heartbeat. */
  onBeat(): void {
    const now = this.#heartbeat.now();
    for (const registration of this.#negotiated) {
      const { state } = registration;
      if (state.kind === "negotiated" && state.expires > now) return;
      this.delete(registration);
    }
  }

  #forgetNegotiation(registration: Registration): void {
    this.#negotiated.delete(registration);
    if (this.#negotiated.size === 0) this.#heartbeat.delete(this);
  }
}

let random = Buffer.alloc(0);
let used = 0;

// Fetched for many ids at a time: each fetch costs as much as the rest of an id several times over.
function randomId(): string {
  if (used === random.length) {
    random = randomBytes(IDS_AT_ONCE * ID_BYTES);
    used = 0;
  }
  const start = used;
  used += ID_BYTES;
  return random.toString("base64url", start, used);
}
