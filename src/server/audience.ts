/**
 * The connected clients of one hub class, wherever it is mapped: who they are, which groups they are in, and how messages reach
 * them. Hubs and everything else that sends depend on this alone (SERVER_API §5, lifetime manager).
 */
import { abortError, onAbort } from "../common/abort-scope.js";
import { ignoreRejection } from "../common/deferred.js";
import { requireName } from "../common/require-argument.js";
import { ClientResultError, HubError, InvalidArgumentError, LimitError } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import type { Log } from "../logging/logger.js";
import type { Encoded, HubProtocol } from "../protocol/hub-protocol.js";
import { MessageType, type InvocationMessage } from "../protocol/messages.js";
import type { ServerSession } from "./server-session.js";
import { WRITTEN } from "../session/message-writer.js";
import { isStreamSource } from "../session/stream-source.js";
import { GroupStore } from "./group-store.js";

/** Whom a message is for. */
export type Address =
  | { readonly kind: "all"; readonly except?: readonly string[] }
  | { readonly kind: "connections"; readonly ids: readonly string[] }
  | { readonly kind: "groups"; readonly names: readonly string[]; readonly except?: readonly string[] }
  | { readonly kind: "users"; readonly ids: readonly string[] };

/** A connected client, as far as sending to it is concerned. */
export interface Member {
  readonly connectionId: string;
  readonly userIdentifier: string | undefined;
  readonly protocol: HubProtocol;
  readonly session: ServerSession;
  /** Groups that it may be in. */
  readonly maximumGroups: number;
  /** The groups that it is in; belongs to the audience. */
  groups: Set<string> | undefined;
  /** Drops the connection, because it does not take what is sent. */
  drop(error: Error): void;
}

/** Members, groups and users of one hub class. */
export class Audience {
  readonly #log: Log;
  readonly #members = new Map<string, Member>();
  readonly #groups = new GroupStore<Member>();
  readonly #users = new GroupStore<Member>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** A client has connected. */
  add(member: Member): void {
    this.#members.set(member.connectionId, member);
    if (member.userIdentifier !== undefined) this.#users.add(member.userIdentifier, member);
  }

  /** A client is gone; it leaves its groups. */
  delete(member: Member): void {
    this.#members.delete(member.connectionId);
    if (member.userIdentifier !== undefined) this.#users.delete(member.userIdentifier, member);
    for (const group of member.groups ?? []) this.#groups.delete(group, member);
    member.groups = undefined;
  }

  /** Puts a connection into a group. Rejects with LimitError when it is in too many, with InvalidArgumentError for what is no name. */
  addToGroup(connectionId: string, group: string): Promise<void> {
    // Everybody whose name was forgotten would share a group.
    if (typeof group !== "string") return this.#rejected(new InvalidArgumentError("The name of a group is a string."));
    const member = this.#members.get(connectionId);
    if (member === undefined) return WRITTEN;
    member.groups ??= new Set();
    if (member.groups.size >= member.maximumGroups && !member.groups.has(group)) {
      const text = `A connection may not be in more than ${member.maximumGroups} groups.`;
      return this.#rejected(new LimitError("maximumGroupsPerConnection", text));
    }
    member.groups.add(group);
    this.#groups.add(group, member);
    return WRITTEN;
  }

  /** Takes a connection out of a group. */
  removeFromGroup(connectionId: string, group: string): Promise<void> {
    const member = this.#members.get(connectionId);
    if (member?.groups?.delete(group)) this.#groups.delete(group, member);
    return WRITTEN;
  }

  /**
   * Calls a method on one client and waits for its answer.
   * @param beforehand Throws when that is not possible now.
   * @returns the answer. Rejects as {@link SingleClientProxy.invoke} says.
   */
  invoke(
    connectionId: string,
    method: string,
    args: unknown[],
    signal: AbortSignal | undefined,
    beforehand: () => void,
  ): Promise<unknown> {
    const answer = this.#invoke(connectionId, method, args, signal, beforehand);
    ignoreRejection(answer);
    return answer;
  }

  /**
   * Sends a call to everybody at an address, encoded once for each encoding in use.
   * @returns a promise that fulfils when all connections have taken it. Rejects with InvalidArgumentError when an argument cannot be
   * encoded.
   */
  send(address: Address, method: string, args: unknown[]): Promise<void> {
    try {
      return this.#send(address, method, args);
    } catch (thrown) {
      return this.#rejected(toError(thrown));
    }
  }

  #send(address: Address, method: string, args: unknown[]): Promise<void> {
    const call = new SharedCall(method, args);
    const waits: Promise<void>[] = [];
    switch (address.kind) {
      case "all":
        this.#sendTo(this.#members.values(), call, address.except, waits);
        break;
      case "connections":
        for (const id of address.ids) {
          const member = this.#members.get(id);
          if (member !== undefined) this.#deliver(member, call, waits);
        }
        break;
      case "groups":
        for (const name of address.names) this.#sendTo(this.#groups.members(name), call, address.except, waits);
        break;
      case "users":
        for (const id of address.ids) this.#sendTo(this.#users.members(id), call, undefined, waits);
        break;
    }
    return waits.length === 0 ? WRITTEN : Promise.all(waits).then(() => undefined);
  }

  async #invoke(
    connectionId: string,
    method: string,
    args: unknown[],
    signal: AbortSignal | undefined,
    beforehand: () => void,
  ): Promise<unknown> {
    beforehand();
    const member = this.#members.get(connectionId);
    if (member === undefined) throw new ClientResultError(`Connection '${connectionId}' does not exist.`);
    const { session } = member;
    if (session.ended) throw disconnected(connectionId);
    if (signal?.aborted) throw cancelled(signal);
    refuseStreams(args);
    const call = session.invoke(requireName(method, "method"), args);
    const release = signal && onAbort(signal, () => session.abandon(call, cancelled(signal)));
    try {
      return await call.promise;
    } catch (thrown) {
      throw thrown instanceof HubError ? thrown : disconnected(connectionId, thrown);
    } finally {
      release?.();
    }
  }

  #sendTo(
    members: Iterable<Member>,
    call: SharedCall,
    except: readonly string[] | undefined,
    waits: Promise<void>[],
  ): void {
    for (const member of members) {
      if (!except?.includes(member.connectionId)) this.#deliver(member, call, waits);
    }
  }

  #deliver(member: Member, call: SharedCall, waits: Promise<void>[]): void {
    const data = call.encodedFor(member.protocol);
    try {
      const written = member.session.sendEncoded(data);
      // What one connection could not take is that connection's end, and nobody else's error.
      if (written !== WRITTEN) waits.push(written.then(undefined, () => undefined));
    } catch (thrown) {
      this.#log.write(LogLevel.Warning, () => `Connection ${member.connectionId} does not read; it is dropped.`);
      member.drop(thrown as LimitError);
    }
  }

  // Who does not look at the outcome must not bring the process down with it; the log tells.
  #rejected(error: Error): Promise<never> {
    this.#log.write(LogLevel.Error, () => `A message or group was refused: ${error.message}`);
    const rejected = Promise.reject(error);
    ignoreRejection(rejected);
    return rejected;
  }
}

/** One call for many clients. */
class SharedCall {
  readonly #message: InvocationMessage;
  #protocol: HubProtocol | undefined;
  #data: Encoded = "";
  #others: Map<HubProtocol, Encoded> | undefined;

  constructor(target: string, args: unknown[]) {
    refuseStreams(args);
    this.#message = { type: MessageType.Invocation, target: requireName(target, "method"), arguments: args };
  }

  encodedFor(protocol: HubProtocol): Encoded {
    if (this.#protocol === protocol) return this.#data;
    if (this.#protocol === undefined) {
      this.#protocol = protocol;
      return (this.#data = protocol.encode(this.#message));
    }
    this.#others ??= new Map();
    let data = this.#others.get(protocol);
    if (data === undefined) this.#others.set(protocol, (data = protocol.encode(this.#message)));
    return data;
  }
}

function refuseStreams(args: readonly unknown[]): void {
  if (args.some(isStreamSource)) throw new InvalidArgumentError("A server cannot send streams as arguments.");
}

function cancelled(signal: AbortSignal): Error {
  return Object.assign(new HubError("Invocation canceled by the server."), { cause: abortError(signal) });
}

function disconnected(connectionId: string, cause?: unknown): ClientResultError {
  return new ClientResultError(`Connection '${connectionId}' disconnected.`, cause);
}
