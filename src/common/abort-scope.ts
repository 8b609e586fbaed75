/** Bounds operations by the caller's signal and by time; used wherever something is awaited that may never come. */
import { AbortError, TimeoutError } from "../errors/http-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import type { Clock, TimerHandle } from "./clock.js";

/** What can be given up: a DOM `AbortSignal`, the signal of an {@link AbortScope}, or the official one that only has `onabort`. */
export type Abortable = AbortSignal | ScopeSignal | { readonly aborted: boolean; onabort: (() => void) | null };

/** The signal of a scope. A DOM `AbortController` costs several times as much as everything else in here. */
export class ScopeSignal {
  /** Whether it fired. */
  aborted = false;
  /** Why it fired. */
  reason: HubwireError | undefined;
  /** For HTTP clients written for the official signal. */
  onabort: (() => void) | null = null;
  readonly #callbacks = new Set<() => void>();

  /** Calls back when it fires. @returns a function that forgets the callback. */
  add(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  /** Fires, once. */
  fire(reason: HubwireError): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const callback of [...this.#callbacks]) callback();
    try {
      this.onabort?.();
    } catch {
      // The HTTP client's own affair: giving up must not fail.
    }
  }
}

/** What is to be called when a DOM signal fires. All of it shares one listener, because Node warns of more than ten. */
class AbortCallbacks extends Set<() => void> {
  handleEvent(): void {
    for (const callback of [...this]) if (this.has(callback)) callback();
  }
}

const callbacksOf = /* @__PURE__ */ new WeakMap<AbortSignal, AbortCallbacks>();

/** Whether a value of the user's is a signal, of whatever realm or library. */
export function isSignal(value: unknown): boolean {
  return typeof (Object(value) as Partial<Abortable>).aborted === "boolean";
}

/** Calls back when the signal fires, at once if it already has. @returns a function that forgets the callback. */
export function onAbort(signal: Abortable, callback: () => void): () => void {
  if (signal.aborted) callback();
  if (signal instanceof ScopeSignal) return signal.add(callback);
  if ("addEventListener" in signal) {
    const callbacks = callbacksOf.get(signal) ?? new AbortCallbacks();
    const own = (): void => callback(); // the same function may be waiting already
    callbacksOf.set(signal, callbacks.add(own));
    signal.addEventListener("abort", callbacks);
    return () => {
      callbacks.delete(own);
      if (callbacks.size === 0) signal.removeEventListener("abort", callbacks);
    };
  }
  signal.onabort = callback;
  return () => (signal.onabort = null);
}

/** The error that an aborted operation rejects with: hubwire's own reason as it is, anybody else's as the cause. */
export function abortError(signal: Abortable): HubwireError {
  const reason: unknown = "reason" in signal ? signal.reason : undefined;
  return reason instanceof HubwireError ? reason : new AbortError(undefined, reason);
}

/** Awaits work that may ignore the signal. @throws {@link abortError} as soon as the signal fires. */
export async function withAbort<T>(work: T | PromiseLike<T>, signal: Abortable): Promise<T> {
  let release = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    release = onAbort(signal, () => reject(abortError(signal)));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    release();
  }
}

/** A signal that fires with its parent or when its time is over. Whoever makes one disposes it. */
export class AbortScope {
  /** Fires with the parent, at the timeout, or by {@link abort}. */
  readonly signal = new ScopeSignal();
  readonly #clock: Clock;
  readonly #release: (() => void) | undefined;
  readonly #timer: TimerHandle;

  /**
   * @param parent Fires this signal too.
   * @param timeoutMs When to fire by itself; never without it.
   * @param timeoutError Makes the reason for that. Default: a plain `TimeoutError`.
   */
  constructor(clock: Clock, parent?: Abortable, timeoutMs?: number, timeoutError = () => new TimeoutError()) {
    this.#clock = clock;
    this.#release = parent && onAbort(parent, () => this.abort(abortError(parent)));
    if (timeoutMs) this.#timer = clock.setTimeout(() => this.abort(timeoutError()), timeoutMs);
  }

  /** Fires the signal. */
  abort(reason: HubwireError): void {
    this.signal.fire(reason);
  }

  /** Lets go of the parent and of the timer. */
  dispose(): void {
    this.#release?.();
    this.#clock.clearTimeout(this.#timer);
  }
}

/**
 * Waits for work, but not longer than a signal and a time allow. The work gets a signal that fires when it is given up;
 * it need not obey, but has to clean up after itself if it succeeds nevertheless.
 * @param timeoutMs Milliseconds; for ever without it.
 * @param timeoutError Makes the error for that. Default: a plain `TimeoutError`.
 */
export async function bounded<T>(
  work: (signal: Abortable) => T | PromiseLike<T>,
  clock: Clock,
  parent?: Abortable,
  timeoutMs?: number,
  timeoutError?: () => TimeoutError,
): Promise<T> {
  const scope = new AbortScope(clock, parent, timeoutMs, timeoutError);
  const { signal } = scope;
  try {
    if (signal.aborted) throw abortError(signal);
    return await withAbort(work(signal), signal);
  } finally {
    scope.dispose();
  }
}

/**
 * Waits.
 * @param onWake Gets a function that ends the wait early; behind the wait it does nothing.
 * @throws {@link abortError} as soon as the signal fires.
 */
export function sleep(clock: Clock, ms: number, signal: Abortable, onWake?: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const wake = (): void => {
      clock.clearTimeout(timer);
      release();
      resolve();
    };
    const timer = clock.setTimeout(wake, ms);
    const release = onAbort(signal, () => {
      clock.clearTimeout(timer);
      reject(abortError(signal));
    });
    onWake?.(wake);
  });
}
