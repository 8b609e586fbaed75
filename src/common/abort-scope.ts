/** Bounds operations by the caller's signal and by time; used wherever something is awaited that may never come. */
import { AbortError, TimeoutError } from "../errors/http-errors.js";
import { HubwireError } from "../errors/hubwire-error.js";
import type { Clock, TimerHandle } from "./clock.js";

/** What can be given up: a DOM `AbortSignal`, an {@link AbortScope}, or the official one that only has `onabort`. */
export type Abortable = AbortSignal | AbortScope | { readonly aborted: boolean; onabort: (() => void) | null };

/** All callbacks of a DOM signal share one listener, because Node warns of more than ten. */
interface SharedListener {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const listenersOf = /* @__PURE__ */ new WeakMap<AbortSignal, SharedListener>();

/**
 * A signal that fires by itself, with its parent or when its time is over. Whoever gives one a parent or a time disposes it.
 * A DOM `AbortController` costs several times as much as everything else in here.
 */
export class AbortScope {
  /** Whether it fired. */
  aborted = false;
  /** Why it fired. */
  reason: HubwireError | undefined;
  /** For HTTP clients written for the official signal. */
  onabort: (() => void) | null = null;
  /** How long after it was made it fires by itself, at the latest. */
  readonly timeoutMs: number;
  readonly #callbacks = new Set<() => void>();
  readonly #clock: Clock | undefined;
  readonly #release: (() => void) | undefined;
  readonly #timer: TimerHandle;

  /**
   * @param clock Needed for a timeout.
   * @param parent Fires this signal too.
   * @param timeoutMs When to fire by itself; never without it.
   * @param timeoutError Makes the reason for that. Default: a plain `TimeoutError`.
   */
  constructor(clock?: Clock, parent?: Abortable, timeoutMs?: number, timeoutError = () => new TimeoutError()) {
    this.timeoutMs = timeoutMs || Infinity;
    this.#clock = clock;
    this.#release = parent && onAbort(parent, () => this.abort(abortError(parent)));
    if (timeoutMs) this.#timer = clock?.setTimeout(() => this.abort(timeoutError()), timeoutMs);
  }

  /** Calls back when it fires. @returns a function that forgets the callback. */
  add(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  /** Fires, once. */
  abort(reason: HubwireError): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    callAll(this.#callbacks);
    try {
      this.onabort?.();
    } catch {
      // The HTTP client's own affair: giving up must not fail.
    }
  }

  /** Lets go of the parent and of the timer. */
  dispose(): void {
    this.#release?.();
    this.#clock?.clearTimeout(this.#timer);
  }
}

/** Whether a value of the user's is a signal, of whatever realm or library. */
export function isSignal(value: unknown): boolean {
  return typeof (Object(value) as Partial<Abortable>).aborted === "boolean";
}

/** Calls back when the signal fires, at once if it already has. @returns a function that forgets the callback. */
export function onAbort(signal: Abortable, callback: () => void): () => void {
  if (signal.aborted) callback();
  if (signal instanceof AbortScope) return signal.add(callback);
  if ("addEventListener" in signal) {
    const { callbacks, listener } = listenersOf.get(signal) ?? listen(signal);
    const own = (): void => callback(); // the same function may be waiting already
    callbacks.add(own);
    signal.addEventListener("abort", listener);
    return () => {
      callbacks.delete(own);
      if (callbacks.size === 0) signal.removeEventListener("abort", listener);
    };
  }
  signal.onabort = callback;
  return () => (signal.onabort = null);
}

function listen(signal: AbortSignal): SharedListener {
  const callbacks = new Set<() => void>();
  const shared = { callbacks, listener: () => callAll(callbacks) };
  listenersOf.set(signal, shared);
  return shared;
}

/** Calls them, without those that are forgotten meanwhile. */
function callAll(callbacks: ReadonlySet<() => void>): void {
  for (const callback of [...callbacks]) if (callbacks.has(callback)) callback();
}

/** The error that an aborted operation rejects with: hubwire's own reason as it is, anybody else's as the cause. */
export function abortError(signal: Abortable): HubwireError {
  const reason: unknown = "reason" in signal ? signal.reason : undefined;
  return reason instanceof HubwireError ? reason : new AbortError(undefined, reason);
}

/** Awaits work that may ignore the signal. @throws {@link abortError} as soon as the signal fires. */
export function withAbort<T>(work: T | PromiseLike<T>, signal: Abortable): Promise<T> {
  if (signal.aborted) return Promise.race([work, Promise.reject(abortError(signal))]);
  // Not a race of two: that takes twice as many promises.
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => {
      release();
      reject(abortError(signal));
    });
    Promise.resolve(work).then(
      (value) => {
        release();
        resolve(value);
      },
      (error: Error) => {
        release();
        reject(error);
      },
    );
  });
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
  const signal = new AbortScope(clock, parent, timeoutMs, timeoutError);
  try {
    if (signal.aborted) throw abortError(signal);
    return await withAbort(work(signal), signal);
  } finally {
    signal.dispose();
  }
}

/**
 * Waits.
 * @param onWake Gets a function that ends the wait early; behind the wait it does nothing.
 * @throws {@link abortError} as soon as the signal fires.
 */
export async function sleep(
  clock: Clock,
  ms: number,
  signal: Abortable,
  onWake?: (wake: () => void) => void,
): Promise<void> {
  let timer: TimerHandle;
  const over = new Promise<void>((resolve) => {
    timer = clock.setTimeout(resolve, ms);
    onWake?.(resolve);
  });
  try {
    await withAbort(over, signal);
  } finally {
    clock.clearTimeout(timer);
  }
}
