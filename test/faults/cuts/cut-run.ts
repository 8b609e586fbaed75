/** Holds conversations through a proxy that cuts them off at chosen bytes, several at a time. */
import { Deferred } from "../../../src/common/deferred.js";
import { HubConnectionBuilder } from "../../../src/index.js";
import type { CustomHubProtocol } from "../../../src/protocol/hub-protocol.js";
import { TcpProxy, type Direction, type Fault } from "../../support/tcp-proxy.js";
import { converse, type Outcome } from "./conversation.js";

/** Where a conversation is cut off. */
export interface Cut {
  readonly direction: Direction;
  /** Bytes of the conversation that get through, its handshakes not counted. */
  readonly bytes: number;
  /** An outage is a reset behind which nobody is let in until the client has tried in vain. */
  readonly fault: Fault | "outage";
  /** The only way that `silence` strikes. Default: both. */
  readonly way?: Direction | undefined;
  /** Whether it is cut again and again, each time after so many bytes. */
  readonly again?: boolean;
}

/** Repeat a run with `HUBWIRE_CUT_SEED=<the printed seed>`. */
const seed = Number(process.env["HUBWIRE_CUT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Cuts at every byte instead of a sample. */
const isExhaustive = process.env["HUBWIRE_CUTS"] === "every";

const PARALLEL = 8;
const LONGEST_MS = 60_000;

process.stdout.write(`cut seed: ${seed}${isExhaustive ? ", every byte" : ""}\n`);

/** Where and with what to converse. */
export interface Scene {
  readonly url: string;
  readonly protocol: CustomHubProtocol;
  /** After how long without a word each side takes the other for gone. Default: as usual, which is too long to wait for. */
  readonly silenceMs?: number;
}

/** What breaks a conversation. @param nextAttempt Waits until the client tries to connect again. */
type Prepare = (proxy: TcpProxy, nextAttempt: () => Promise<void>) => void;

/** How many bytes a conversation takes in each direction when nobody disturbs it. */
export async function measure(scene: Scene): Promise<Record<Direction, number>> {
  const passed = { up: 0, down: 0 };
  await hold(scene, (proxy) => {
    proxy.cut = (chunk, direction) => {
      passed[direction] += chunk.length;
      return [chunk];
    };
  });
  return passed;
}

/** Positions of cuts: a sample of them, or every byte. */
export function positions(total: number, count: number): number[] {
  if (isExhaustive) return Array.from({ length: total }, (_, index) => index + 1);
  return spread(total, count);
}

/** Evenly spread over all bytes, from a start that differs from run to run. */
export function spread(total: number, count: number): number[] {
  const step = total / count;
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index + (seed % 1_000) / 1_000) * step));
}

/** Holds one conversation for each cut. @returns how they came out, in the order of the cuts. */
export async function holdAll(scene: Scene, cuts: readonly Cut[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < cuts.length; index = next++) {
      const cut = cuts[index];
      if (cut !== undefined) outcomes[index] = await holdCut(scene, cut);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return outcomes;
}

async function holdCut(scene: Scene, cut: Cut): Promise<Outcome> {
  try {
    return await hold(scene, (proxy, nextAttempt) => strike(proxy, cut, nextAttempt));
  } catch (thrown) {
    const { direction, bytes, fault, way = "", again } = cut;
    const where = `${fault} ${way} ${again ? "after every" : "at"} ${bytes} bytes ${direction}`;
    throw new Error(`${where}: ${String(thrown)}`, { cause: thrown });
  }
}

function strike(proxy: TcpProxy, cut: Cut, nextAttempt: () => Promise<void>): void {
  const { fault } = cut;
  const struck = proxy.strikeWhen(cut, fault === "outage" ? "reset" : fault);
  void struck.then(() => {
    if (fault === "outage") void turnAway(proxy, nextAttempt);
    else if (cut.again) strike(proxy, cut, nextAttempt);
  });
}

async function turnAway(proxy: TcpProxy, nextAttempt: () => Promise<void>): Promise<void> {
  proxy.turnsAway = true;
  await nextAttempt();
  await nextAttempt();
  proxy.turnsAway = false;
}

async function hold({ url, protocol, silenceMs }: Scene, prepare: Prepare): Promise<Outcome> {
  const target = new URL(url);
  const proxy = await TcpProxy.start(target.origin);
  let attempt = new Deferred<void>();
  // It is asked for a token each time that it connects.
  const accessTokenFactory = () => {
    attempt.resolve();
    attempt = new Deferred();
    return "";
  };
  const builder = new HubConnectionBuilder()
    .withUrl(proxy.url + target.pathname, { accessTokenFactory })
    .withHubProtocol(protocol)
    .withStatefulReconnect()
    .configureLogging("none");
  if (silenceMs !== undefined) builder.withServerTimeout(silenceMs).withKeepAliveInterval(silenceMs / 3);
  const connection = builder.build();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("something is left hanging")), LONGEST_MS);
  });
  try {
    await connection.start();
    // Servers only watch over clients whose first ping has arrived (HUB_PROTOCOL §3); it goes with the first call, or in front of it.
    if (silenceMs !== undefined) await connection.invoke("Add", 0, 0);
    prepare(proxy, () => attempt.promise);
    return await Promise.race([converse(connection), tooLate]);
  } finally {
    clearTimeout(timer);
    proxy.heal();
    await connection.stop();
    await proxy.stop();
  }
}
