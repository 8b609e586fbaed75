/** A hub that writes down the life of its connections, and a client for it in memory; used by the tests of that life. */
import { Deferred } from "../../../src/common/deferred.js";
import { Hub } from "../../../src/server/hub.js";
import type { MapHubOptions } from "../../../src/server/options.js";
import { HubHarness, type TestClient } from "../../support/hub-harness.js";

/** What the current test does when connections come and go. */
interface Plan {
  onConnected: (hub: LifeHub) => void | Promise<void>;
  onDisconnected: (hub: LifeHub, error: Error | undefined) => void | Promise<void>;
}

// All of it is new for each test.
/** What happened. */
export let log: string[];
/** What `wait` waits for. */
export let gate: Deferred<void>;
/** What connections ended with. */
export let disconnectedWith: (Error | undefined)[];
/** To be changed by a test. */
export let plan: Plan;

/** The hub. */
export class LifeHub extends Hub {
  override onConnected(): void | Promise<void> {
    log.push("connected");
    return plan.onConnected(this);
  }

  override onDisconnected(error?: Error): void | Promise<void> {
    log.push("disconnected");
    disconnectedWith.push(error);
    return plan.onDisconnected(this, error);
  }

  echo(value: unknown): unknown {
    log.push(`echo ${String(value)}`);
    return value;
  }

  wait(): Promise<void> {
    return gate.promise;
  }

  abort(): string {
    this.context.abort();
    log.push(`aborted: ${this.context.connectionAborted.aborted}`);
    return "never seen";
  }

  remember(value: unknown): void {
    this.context.items.set("value", value);
  }

  recall(): unknown[] {
    const { connectionId, user, userIdentifier, items, transport } = this.context;
    return [connectionId, user, userIdentifier, items.get("value"), transport];
  }
}

beforeEach(() => {
  log = [];
  gate = new Deferred();
  disconnectedWith = [];
  plan = { onConnected: () => undefined, onDisconnected: () => undefined };
});

/** A harness with one client. */
export async function connected(options?: MapHubOptions) {
  const harness = new HubHarness(LifeHub, options);
  return { harness, client: await harness.connect() };
}

/** After its end nothing is left of the client. */
export async function expectGone(client: TestClient, harness: HubHarness): Promise<void> {
  expect(client.isOver).toBe(true);
  await harness.work.whenIdle();
  expect(harness.clock.pendingTimers).toBe(0);
  await expect(harness.runtime.audience.send({ kind: "all" }, "M", [])).resolves.toBeUndefined();
  await expect(harness.runtime.audience.invoke("client-1", "M", [], undefined, () => undefined)).rejects.toThrow(
    "does not exist",
  );
}
