/** Carries out the calls of one client: finds the hub methods, runs them, and sends what they return (HUB_PROTOCOL §6). */
import { isThenable } from "../common/deferred.js";
import { Fifo } from "../common/fifo.js";
import { HubError } from "../errors/call-errors.js";
import { toError } from "../errors/to-error.js";
import { LogLevel } from "../logging/log-level.js";
import { shown } from "../logging/shown.js";
import { MessageType, type InvocationMessage, type StreamInvocationMessage } from "../protocol/messages.js";
import { discardStream } from "../session/discard-stream.js";
import type { ServerSession } from "./server-session.js";
import { isStreamSource, type StreamSource } from "../session/stream-source.js";
import type { Audience } from "./audience.js";
import {
  callDoesNotFit,
  errorText,
  hubErrorText,
  idInUse,
  isNotStreaming,
  isStreaming,
  methodFailed,
  noSuchMethod,
} from "./error-text.js";
import { HubCall, type CallSource } from "./hub-call.js";
import type { GroupManager } from "./hub-clients.js";
import type { HubCallerContext } from "./hub-context.js";
import type { HubMethod } from "./hub-definition.js";
import type { HubRuntime } from "./hub-runtime.js";
import { LiveCalls } from "./live-calls.js";
import { openUploads } from "./open-uploads.js";
import type { ReadGate } from "./read-gate.js";
import { runMethod } from "./run-method.js";

type CallMessage = InvocationMessage | StreamInvocationMessage;

/** Calls that may wait for a slot before the connection is paused. */
const MAXIMUM_WAITING_CALLS = 100;

const CONNECTION_ENDED = "The connection has ended.";

/** The connection that the calls come from. */
export interface DispatcherConnection {
  readonly context: HubCallerContext;
  readonly session: ServerSession;
  readonly gate: ReadGate;
}

/** The calls of one connection. */
export class HubDispatcher implements CallSource {
  readonly #runtime: HubRuntime;
  readonly #connection: DispatcherConnection;
  readonly #calls = new LiveCalls();
  readonly #waiting = new Fifo<HubCall>();
  #isPaused = false;
  #isHeldBack = false;
  #slotsInUse = 0;
  #streamingCalls = 0;

  constructor(runtime: HubRuntime, connection: DispatcherConnection) {
    this.#runtime = runtime;
    this.#connection = connection;
  }

  get context(): HubCallerContext {
    return this.#connection.context;
  }

  get audience(): Audience {
    return this.#runtime.audience;
  }

  get groups(): GroupManager {
    return this.#runtime.groups;
  }

  /** The client calls a method. */
  onInvocation(message: CallMessage): void {
    const call = this.#accept(message);
    if (call !== undefined) this.perform(call);
  }

  /** Runs a call when it is its turn. */
  perform(call: HubCall): void {
    if (this.#waiting.size === 0 && this.#hasSlotFor(call)) this.#run(call);
    else this.#enqueue(call);
    if (this.#connection.session.isBlocked) this.#pauseWhileBlocked();
  }

  /** Whether a call of this very method has yet to have its turn. */
  isWaiting(method: HubMethod): boolean {
    return [...this.#waiting].some((call) => call.method === method);
  }

  /** The client gives a call up. Ids of calls that are over, or never were, mean nothing. */
  onCancelInvocation(invocationId: string): void {
    const call = this.#calls.find(invocationId);
    if (call === undefined) return;
    call.cancel("The client cancelled the call.");
    if (call.stopStream === undefined) return;
    call.stopStream();
    this.#connection.session.complete(invocationId, undefined);
  }

  /** The connection is over: nothing that waits is run, and what runs is told. */
  end(): void {
    for (const call of this.#waiting.takeAll()) this.#forget(call);
    for (const call of this.#calls.all) call.cancel(CONNECTION_ENDED);
  }

  // Not at once: the method that waits is still on the stack.
  releaseSlot(call: HubCall): void {
    if (!call.holdsSlot) return;
    void Promise.resolve().then(() => {
      this.#giveSlotBack(call);
      this.#runWaiting();
    });
  }

  #accept(message: CallMessage): HubCall | undefined {
    const method = this.#runtime.definition.find(message.target);
    if (method === undefined) return this.#refuse(message, noSuchMethod(message.target));
    const problem = this.#problemWith(message, method);
    if (problem !== undefined) return this.#refuse(message, problem);
    const call = new HubCall(this, message, method);
    if (message.streamIds?.length) {
      const taken = openUploads(call, message.streamIds, this.#connection, this.#runtime.options.streamBufferCapacity);
      if (taken !== undefined) {
        return this.#refuse(message, hubErrorText(message.target, `Stream ID '${taken}' is already in use.`));
      }
    }
    if (call.isStreaming) this.#streamingCalls++;
    return call;
  }

  /** Why a call cannot be carried out; `undefined` when it can. */
  #problemWith(message: CallMessage, method: HubMethod): string | undefined {
    const { target, invocationId } = message;
    const { enableDetailedErrors, maximumStreamingInvocationsPerClient } = this.#runtime.options;
    const uploads = message.streamIds?.length ?? 0;
    const provided = message.arguments.length + uploads;
    const required = method.requiredParameters;
    // Undeclared streams come behind the plain arguments, as far as the method has parameters left for them.
    const left = Math.max(0, required - message.arguments.length);
    const expectedUploads = method.streamPositions?.length ?? Math.min(uploads, left);
    const isPlain = message.type === MessageType.Invocation;
    if (invocationId && this.#calls.find(invocationId)) return idInUse(invocationId);
    if (provided < required) return callDoesNotFit(target, provided, required, enableDetailedErrors);
    if (isPlain && method.isAsyncGenerator) return isStreaming(target);
    if (uploads !== expectedUploads) {
      return hubErrorText(target, `Client sent ${uploads} stream(s), Hub method expects ${expectedUploads}.`);
    }
    if ((!isPlain || uploads > 0) && this.#streamingCalls >= maximumStreamingInvocationsPerClient) {
      return hubErrorText(target, "Too many calls with streams are running.");
    }
    return undefined;
  }

  #refuse({ target, invocationId }: CallMessage, problem: string): undefined {
    this.#runtime.log.write(LogLevel.Debug, () => `A call of ${shown(target)} was refused: ${shown(problem)}`);
    if (invocationId) this.#connection.session.complete(invocationId, { error: problem });
    return undefined;
  }

  #hasSlotFor(call: HubCall): boolean {
    if (this.#isHeldBack || this.#connection.session.isBlocked) return false;
    return this.#slotsInUse < this.#runtime.options.maximumParallelInvocationsPerClient || !call.needsSlot;
  }

  #enqueue(call: HubCall): void {
    this.#waiting.push(call);
    this.#calls.add(call);
    this.#pauseWhileCrowded();
  }

  #runWaiting(): void {
    for (let call = this.#waiting.first; call !== undefined && this.#hasSlotFor(call); call = this.#waiting.first) {
      this.#waiting.shift();
      this.#calls.delete(call);
      this.#run(call);
    }
    this.#pauseWhileCrowded();
    if (this.#waiting.size > 0 && this.#connection.session.isBlocked) this.#pauseWhileBlocked();
  }

  #pauseWhileCrowded(): void {
    const isCrowded = this.#waiting.size >= MAXIMUM_WAITING_CALLS;
    if (isCrowded === this.#isPaused) return;
    this.#isPaused = isCrowded;
    if (isCrowded) this.#connection.gate.hold();
    else this.#connection.gate.release();
  }

  // A client that takes no answers is not asked for more questions.
  #pauseWhileBlocked(): void {
    if (this.#isHeldBack) return;
    const { gate, session } = this.#connection;
    this.#isHeldBack = true;
    gate.hold();
    void session.whenUnblocked().then(() => {
      this.#isHeldBack = false;
      gate.release();
      this.#runWaiting();
    });
  }

  #run(call: HubCall): void {
    let returned: unknown;
    let isPending: boolean;
    this.#takeSlot(call);
    call.context = this.context; // the newest by now
    try {
      returned = runMethod(this.#runtime, call);
      isPending = isThenable(returned);
    } catch (thrown) {
      this.#fail(call, thrown);
      return this.#finish(call);
    }
    if (isPending) this.#await(call, returned);
    else if (!this.#answer(call, returned)) this.#finish(call);
  }

  #await(call: HubCall, promise: unknown): void {
    this.#calls.add(call);
    this.#runtime.work.enter();
    Promise.resolve(promise).then(
      (value) => this.#settle(call, this.#answer(call, value)),
      (thrown: unknown) => {
        this.#fail(call, thrown);
        this.#settle(call, false);
      },
    );
  }

  #settle(call: HubCall, goesOn: boolean): void {
    this.#runtime.work.leave();
    if (goesOn) return;
    this.#forget(call);
    this.#runWaiting();
  }

  /** Sends what a method returned. @returns whether the call goes on, because it is a stream. */
  #answer(call: HubCall, value: unknown): boolean {
    try {
      if (isStreamSource(value)) return this.#answerWithStream(call, value);
      const { id } = call;
      if (id === undefined) return false;
      const { session } = this.#connection;
      if (call.wantsStream) session.complete(id, { error: isNotStreaming(call.message.target) });
      else session.complete(id, { result: value ?? null });
    } catch (thrown) {
      this.#fail(call, thrown); // it cannot be encoded
    }
    return false;
  }

  #answerWithStream(call: HubCall, source: StreamSource<unknown>): boolean {
    const { session } = this.#connection;
    const { id } = call;
    if (id !== undefined && call.wantsStream && !call.isCancelled && !session.ended) {
      this.#stream(call, id, source);
      return true;
    }
    discardStream(source);
    if (id !== undefined)
      session.complete(id, call.wantsStream ? undefined : { error: isStreaming(call.message.target) });
    return false;
  }

  #stream(call: HubCall, id: string, source: StreamSource<unknown>): void {
    this.#calls.add(call);
    this.#runtime.work.enter();
    const { session } = this.#connection;
    this.releaseSlot(call); // only until it returned its stream it was like any other call
    call.stopStream = session.sendStream(id, source, () => {
      this.#runtime.work.leave();
      if (session.ended) call.cancel(CONNECTION_ENDED); // the session stops its streams before it says so
      this.#forget(call);
    });
  }

  #fail(call: HubCall, thrown: unknown): void {
    const { id, message } = call;
    const { log, options } = this.#runtime;
    const level = thrown instanceof HubError || call.isCancelled ? LogLevel.Debug : LogLevel.Error;
    log.write(level, () => `Hub method '${call.method.name}' failed: ${describe(thrown)}`);
    if (id === undefined) return;
    const isWanted = !(call.wantsStream && call.isCancelled);
    const error = errorText(methodFailed(message.target), thrown, options.enableDetailedErrors);
    this.#connection.session.complete(id, isWanted ? { error } : undefined);
  }

  #forget(call: HubCall): void {
    this.#calls.delete(call);
    this.#finish(call);
  }

  #finish(call: HubCall): void {
    this.#giveSlotBack(call);
    if (call.isStreaming) this.#streamingCalls--;
    if (call.uploads !== undefined) for (const upload of call.uploads) upload.discard();
  }

  // Taken before the method runs, because it may give it back by asking the client while it is still on the stack.
  #takeSlot(call: HubCall): void {
    if (!call.needsSlot) return;
    call.holdsSlot = true;
    this.#slotsInUse++;
  }

  #giveSlotBack(call: HubCall): void {
    if (!call.holdsSlot) return;
    call.holdsSlot = false;
    this.#slotsInUse--;
  }
}

function describe(thrown: unknown): string {
  const error = toError(thrown);
  return error.stack ?? error.message;
}
