/** Runs a scenario with hubwire's client and with the official one that it replaces; the regression tests show by it what differs. */
import * as official from "@microsoft/signalr";
import * as hubwire from "../../src/index.js";
import { ScriptedHub, type ClientPackage } from "./scripted-hub.js";

/** hubwire's client, from its sources. */
export const hubwireClient: ClientPackage = hubwire;

/** The official client. Scenarios use of it what {@link ClientPackage} names; its hidden option `WebSocket` is not in its types. */
export const officialClient = official as unknown as ClientPackage;

/** What a scenario ends with, by package: a value, or a matcher of jest. */
export interface Outcomes {
  readonly hubwire: unknown;
  /** Left out where both do the same: the documented behaviour that applications rely on. */
  readonly official?: unknown;
}

/**
 * Declares two tests, one for each package; time is fake in them. The second one fails when the official client mends its fault, and
 * then docs/migrating.md has a line too many.
 * @param title Names the right behaviour; ends with the item of the project's list of gaps.
 */
export function compare(title: string, run: (hub: ScriptedHub) => Promise<unknown>, outcomes: Outcomes): void {
  const isSame = !("official" in outcomes);
  test(title, async () => {
    await expectOutcome(hubwireClient, run, outcomes.hubwire);
  });
  test(`${isSame ? "so does the official client" : "not so the official client"}: ${title}`, async () => {
    await expectOutcome(officialClient, run, isSame ? outcomes.hubwire : outcomes.official);
  });
}

async function expectOutcome(
  client: ClientPackage,
  run: (hub: ScriptedHub) => Promise<unknown>,
  outcome: unknown,
): Promise<void> {
  jest.useFakeTimers({ doNotFake: ["setImmediate", "clearImmediate", "nextTick", "queueMicrotask"] });
  try {
    expect(await run(new ScriptedHub(client))).toEqual(outcome);
  } finally {
    jest.clearAllTimers();
    jest.useRealTimers();
  }
}

/** What becomes of a promise: `pending`, what it fulfilled with, or what it rejected with. */
export interface Fate {
  state: "pending" | "fulfilled" | "rejected";
  value?: unknown;
}

/** Watches a promise; its rejection is handled. */
export function fateOf(promise: Promise<unknown>): Fate {
  const fate: Fate = { state: "pending" };
  promise.then(
    (value) => Object.assign(fate, { state: "fulfilled", value }),
    (value: unknown) => Object.assign(fate, { state: "rejected", value }),
  );
  return fate;
}
