/** A hub whose methods end, fail or wait as a test says, and a client for it in memory; used by the tests of the dispatcher. */
import { Deferred } from "../../../src/common/deferred.js";
import { HubError } from "../../../src/errors/call-errors.js";
import { Hub } from "../../../src/server/hub.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { HubHarness } from "../../support/hub-harness.js";

/** What calls of the current test wait for, by name. */
export let gates: Map<string, Deferred<unknown>>;
/** The calls that have begun. */
export let started: string[];
/** The hub objects that were made. */
export let seen: Hub[];

class Base extends Hub {
  inherited(): string {
    return "from the base";
  }

  overridden(): string {
    return "base";
  }
}

/** The hub. */
export class CallHub extends Base {
  field = (): string => "not callable";

  get accessor(): string {
    return "not callable";
  }

  echo(value: unknown): unknown {
    seen.push(this);
    return value;
  }

  override overridden(): string {
    return "derived";
  }

  nothing(): void {}

  async later(value: unknown): Promise<unknown> {
    return value;
  }

  add(left: number, right: number, factor = 1): number {
    return (left + right) * factor;
  }

  count(...all: unknown[]): number {
    return all.length;
  }

  fail(): void {
    throw new TypeError("secret");
  }

  async failLater(): Promise<void> {
    throw new TypeError("secret");
  }

  failOddly(): void {
    throw null;
  }

  failHub(): void {
    throw new HubError("for all to see");
  }

  notSerializable(): unknown {
    return { big: 1n };
  }

  thenable(): unknown {
    return { then: (resolve: (value: string) => void) => resolve("thenable") };
  }

  badThenable(): unknown {
    return {
      get then() {
        throw new Error("secret");
      },
    };
  }

  wait(gate: string): Promise<unknown> {
    started.push(gate);
    const deferred = new Deferred<unknown>();
    gates.set(gate, deferred);
    return deferred.promise;
  }

  async waitForSignal(): Promise<string> {
    started.push("signal");
    await new Promise((resolve) => this.signal.addEventListener("abort", resolve));
    return `aborted: ${String(this.signal.aborted)}`;
  }

  lateSignal(gate: string): Promise<boolean> {
    return this.wait(gate).then(() => this.signal.aborted);
  }

  async askTwice(): Promise<unknown[]> {
    started.push("ask");
    const first = await this.clients.caller.invoke("Question", 1);
    const second = await this.clients.caller.invoke("Question", 2);
    return [first, second];
  }

  _hidden(): string {
    return "not callable";
  }

  static staticMethod(): string {
    return "not callable";
  }
}

beforeEach(() => {
  gates = new Map();
  started = [];
  seen = [];
});

/** A harness with one client. */
export async function connected(options?: MapHubOptions) {
  const harness = new HubHarness(CallHub, options);
  return { harness, client: await harness.connect() };
}

/** Lets the calls at a gate go on. */
export async function open(gate: string, value: unknown = gate): Promise<void> {
  gates.get(gate)?.resolve(value);
  await new Promise((resolve) => setImmediate(resolve));
}
