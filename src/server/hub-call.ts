/** One call of a hub method, from the message that asks for it to its answer; hub objects see it as their scope. */
import { AbortError } from "../errors/http-errors.js";
import {
  MessageType,
  type InvocationMessage,
  type MessageHeaders,
  type StreamInvocationMessage,
} from "../protocol/messages.js";
import { createAbortController } from "./abort-controller.js";
import { CallerClients, type GroupManager, type HubCallerClients } from "./hub-clients.js";
import type { HubCallerContext } from "./hub-context.js";
import { NO_HEADERS, type HubScope } from "./hub.js";
import type { HubMethod } from "./hub-definition.js";
import type { Audience } from "./audience.js";
import type { UploadStream } from "./upload-stream.js";

/** Where a call comes from. */
export interface CallSource {
  readonly context: HubCallerContext;
  readonly audience: Audience;
  readonly groups: GroupManager;
  /** The call waits for a client: others may run meanwhile. */
  releaseSlot(call: HubCall): void;
}

/** A call that was accepted. */
export class HubCall implements HubScope {
  readonly message: InvocationMessage | StreamInvocationMessage;
  readonly method: HubMethod;
  /** That of the connection when the method began. */
  context: HubCallerContext;
  /** What the method gets. */
  args: unknown[];
  /** What the client uploads. */
  uploads: readonly UploadStream[] | undefined;
  /** Whether it counts for `maximumParallelInvocationsPerClient` at the moment. */
  holdsSlot = false;
  /** Stops reading the stream that answers it; there once there is one. */
  stopStream: (() => void) | undefined;
  readonly #source: CallSource;
  #clients: HubCallerClients | undefined;
  #controller: AbortController | undefined;
  #cancelled: AbortError | undefined;

  constructor(source: CallSource, message: InvocationMessage | StreamInvocationMessage, method: HubMethod) {
    this.#source = source;
    this.context = source.context;
    this.message = message;
    this.method = method;
    this.args = message.arguments;
  }

  /** Id for the answer; without it there must be none. */
  get id(): string | undefined {
    return this.message.invocationId || undefined;
  }

  /** Whether a stream is to answer it. */
  get wantsStream(): boolean {
    return this.message.type === MessageType.StreamInvocation;
  }

  /** Whether it has streams, in either direction. Such calls run beside the others (HUB_PROTOCOL §6). */
  get isStreaming(): boolean {
    return this.wantsStream || this.uploads !== undefined;
  }

  /**
   * Whether it counts for `maximumParallelInvocationsPerClient`: all but those that are known to be streams before they run. What is
   * merely asked for as a stream counts until it turns out to be one.
   */
  get needsSlot(): boolean {
    return !this.method.isAsyncGenerator && this.uploads === undefined;
  }

  /** Whether the client, or the end of the connection, has cancelled it. */
  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  get groups(): GroupManager {
    return this.#source.groups;
  }

  get headers(): Readonly<MessageHeaders> {
    return this.message.headers ?? NO_HEADERS;
  }

  get clients(): HubCallerClients {
    const { audience, context } = this.#source;
    return (this.#clients ??= new CallerClients(audience, context.connectionId, () => this.#source.releaseSlot(this)));
  }

  // Few methods look at it, and a controller costs more than the rest of the call.
  get signal(): AbortSignal {
    this.#controller ??= createAbortController();
    if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled);
    return this.#controller.signal;
  }

  /** Fires {@link signal}. */
  cancel(text: string): void {
    this.#cancelled ??= new AbortError(text);
    this.#controller?.abort(this.#cancelled);
  }
}
