/** `clients` and `groups`, as hubs and code outside of hubs use them: every member is an address to send to. */
import { isSignal } from "../common/abort-scope.js";
import { hasMethods } from "../common/has-methods.js";
import { wrongOption } from "../common/require-argument.js";
import { InvalidArgumentError } from "../errors/call-errors.js";
import type { IfLoose, MethodName, MethodParameters, MethodResult } from "../session/hub-methods.js";
import type { Address, Audience } from "./audience.js";

declare const methods: unique symbol;

/** Any number of clients. */
export interface ClientProxy<TClient = unknown> {
  /** Never there: tells the compiler that clients of one interface are none of another. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- clients without an interface are any clients
  readonly [methods]?: IfLoose<TClient, any, TClient> | undefined;
  /**
   * Calls a method on these clients without wanting an answer; whoever is not there (any more) gets nothing.
   * @returns a promise that fulfils when the connections have taken the message; waiting for it keeps slow clients from piling it up.
   * Rejects with InvalidArgumentError when the name is none, or (`not-serializable`) an argument cannot be encoded.
   */
  send<K extends MethodName<TClient>>(method: K, ...args: MethodParameters<TClient, K>): Promise<void>;
}

/** One connection. */
export interface SingleClientProxy<TClient = unknown> extends ClientProxy<TClient> {
  /**
   * Calls a method on the client and waits for its answer. There is no time limit but the signal's; see {@link with}.
   * @typeParam T Without an interface of the clients: what the method returns. With one: the name of the method, which is inferred.
   * @returns the client's answer. Rejects with HubError when the client's handler failed, ClientResultError when the connection is
   * not there or ends, InvalidStateError inside `onConnected`.
   */
  invoke<T extends IfLoose<TClient, unknown, MethodName<TClient>>>(
    method: IfLoose<TClient, string, T>,
    ...args: MethodParameters<TClient, T>
  ): Promise<IfLoose<TClient, T, MethodResult<TClient, T>>>;
  /** The same client; its `invoke` rejects with HubError when the signal fires. The client is not told. */
  with(options: { readonly signal: AbortSignal }): SingleClientProxy<TClient>;
}

/** The connected clients of one hub. Names of groups and ids are case-sensitive; InvalidArgumentError is thrown for what is no string. */
export interface HubClients<TClient = unknown> {
  /** Every client. */
  readonly all: ClientProxy<TClient>;
  /** Every client but these connections. */
  allExcept(connectionIds: readonly string[]): ClientProxy<TClient>;
  /** One connection. */
  client(connectionId: string): SingleClientProxy<TClient>;
  /** Some connections. */
  clients(connectionIds: readonly string[]): ClientProxy<TClient>;
  /** Whoever is in the group. */
  group(group: string): ClientProxy<TClient>;
  /** Whoever is in these groups; a connection that is in two of them gets the message twice. */
  groups(groups: readonly string[]): ClientProxy<TClient>;
  /** Whoever is in the group, but for these connections. */
  groupExcept(group: string, connectionIds: readonly string[]): ClientProxy<TClient>;
  /** All connections of a user. */
  user(userId: string): ClientProxy<TClient>;
  /** All connections of these users. */
  users(userIds: readonly string[]): ClientProxy<TClient>;
}

/** {@link HubClients} as a hub has them during a call. */
export interface HubCallerClients<TClient = unknown> extends HubClients<TClient> {
  /** The client that calls. */
  readonly caller: SingleClientProxy<TClient>;
  /** Every client but the one that calls. */
  readonly others: ClientProxy<TClient>;
  /** Whoever is in the group, but for the client that calls. */
  othersInGroup(group: string): ClientProxy<TClient>;
}

/** Puts connections into groups and takes them out. A connection that ends leaves all its groups. */
export interface GroupManager {
  /**
   * Puts a connection into a group; nothing happens when it is in already, or is not there.
   * Rejects with LimitError beyond `maximumGroupsPerConnection`, with InvalidArgumentError when the name is no string.
   */
  add(connectionId: string, group: string): Promise<void>;
  /** Takes a connection out of a group; nothing happens when it is not in it. */
  remove(connectionId: string, group: string): Promise<void>;
}

/** Called before a client is asked for a result. @throws when that is not possible now. */
export type BeforeInvoke = () => void;

/** {@link HubClients} for code outside of hubs. */
export class AudienceClients implements HubClients {
  readonly all: ClientProxy;
  protected readonly audience: Audience;
  readonly #beforeInvoke: BeforeInvoke;

  constructor(audience: Audience, beforeInvoke: BeforeInvoke = () => undefined) {
    this.audience = audience;
    this.#beforeInvoke = beforeInvoke;
    this.all = this.to({ kind: "all" });
  }

  allExcept(connectionIds: readonly string[]): ClientProxy {
    return this.to({ kind: "all", except: list(connectionIds) });
  }

  client(connectionId: string): SingleClientProxy {
    return new Client(this.audience, name(connectionId), this.#beforeInvoke);
  }

  clients(connectionIds: readonly string[]): ClientProxy {
    return this.to({ kind: "connections", ids: list(connectionIds) });
  }

  group(group: string): ClientProxy {
    return this.to({ kind: "groups", names: [name(group)] });
  }

  groups(groups: readonly string[]): ClientProxy {
    return this.to({ kind: "groups", names: list(groups) });
  }

  groupExcept(group: string, connectionIds: readonly string[]): ClientProxy {
    return this.to({ kind: "groups", names: [name(group)], except: list(connectionIds) });
  }

  user(userId: string): ClientProxy {
    return this.to({ kind: "users", ids: [name(userId)] });
  }

  users(userIds: readonly string[]): ClientProxy {
    return this.to({ kind: "users", ids: list(userIds) });
  }

  protected to(address: Address): ClientProxy {
    return new Recipients(this.audience, address);
  }
}

/** {@link HubCallerClients} of one call. */
export class CallerClients extends AudienceClients implements HubCallerClients {
  readonly #connectionId: string;

  constructor(audience: Audience, connectionId: string, beforeInvoke: BeforeInvoke) {
    super(audience, beforeInvoke);
    this.#connectionId = connectionId;
  }

  get caller(): SingleClientProxy {
    return this.client(this.#connectionId);
  }

  get others(): ClientProxy {
    return this.allExcept([this.#connectionId]);
  }

  othersInGroup(group: string): ClientProxy {
    return this.groupExcept(group, [this.#connectionId]);
  }
}

/** {@link GroupManager} of one hub. */
export class AudienceGroups implements GroupManager {
  readonly #audience: Audience;

  constructor(audience: Audience) {
    this.#audience = audience;
  }

  add(connectionId: string, group: string): Promise<void> {
    return this.#audience.addToGroup(connectionId, group);
  }

  remove(connectionId: string, group: string): Promise<void> {
    return this.#audience.removeFromGroup(connectionId, group);
  }
}

class Recipients implements ClientProxy {
  protected readonly audience: Audience;
  readonly #address: Address;

  constructor(audience: Audience, address: Address) {
    this.audience = audience;
    this.#address = address;
  }

  send(method: string, ...args: unknown[]): Promise<void> {
    return this.audience.send(this.#address, method, args);
  }
}

class Client extends Recipients implements SingleClientProxy {
  readonly #connectionId: string;
  readonly #beforeInvoke: BeforeInvoke;
  readonly #signal: AbortSignal | undefined;

  constructor(audience: Audience, connectionId: string, beforeInvoke: BeforeInvoke, signal?: AbortSignal) {
    super(audience, { kind: "connections", ids: [connectionId] });
    this.#connectionId = connectionId;
    this.#beforeInvoke = beforeInvoke;
    this.#signal = signal;
  }

  invoke<R>(method: string, ...args: unknown[]): Promise<R> {
    return this.audience.invoke(this.#connectionId, method, args, this.#signal, this.#beforeInvoke) as Promise<R>;
  }

  with({ signal }: { readonly signal: AbortSignal }): SingleClientProxy {
    if (signal != null && !isSignal(signal)) wrongOption("signal");
    return new Client(this.audience, this.#connectionId, this.#beforeInvoke, signal);
  }
}

// What was forgotten would be a name as well, and reach whoever has forgotten it too.
function name(value: string): string {
  if (typeof value !== "string") throw new InvalidArgumentError("An id or the name of a group is a string.");
  return value;
}

function list(names: readonly string[]): readonly string[] {
  if (!hasMethods(names, "flatMap")) throw new InvalidArgumentError("A list of ids or names is needed.");
  return names.map(name);
}
