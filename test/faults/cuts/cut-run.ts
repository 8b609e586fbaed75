/** Holds conversations through a proxy that cuts them off at chosen bytes, several at a time. */
import { HubConnectionBuilder } from "../../../src/index.js";
import type { CustomHubProtocol } from "../../../src/protocol/hub-protocol.js";
import { TcpProxy, type Direction, type Fault } from "../../support/tcp-proxy.js";
import { converse, type Outcome } from "./conversation.js";

/** Where a conversation is cut off. */
export interface Cut {
  readonly direction: Direction;
  /** Bytes of the conversation that get through, its handshakes not counted. */
  readonly bytes: number;
  readonly fault: Fault;
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
}

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

/** Evenly spread over all bytes, from a start that differs from run to run. */
export function positions(total: number, count: number): number[] {
  if (isExhaustive) return Array.from({ length: total }, (_, index) => index + 1);
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
    return await hold(scene, (proxy) => strike(proxy, cut));
  } catch (thrown) {
    const { direction, bytes, fault, again } = cut;
    const where = `${fault} ${again ? "after every" : "at"} ${bytes} bytes ${direction}`;
    throw new Error(`${where}: ${String(thrown)}`, { cause: thrown });
  }
}

function strike(proxy: TcpProxy, cut: Cut): void {
  void proxy.strikeWhen(cut, cut.fault).then(() => {
    if (cut.again) strike(proxy, cut);
  });
}

async function hold({ url, protocol }: Scene, prepare: (proxy: TcpProxy) => void): Promise<Outcome> {
  const target = new URL(url);
  const proxy = await TcpProxy.start(target.origin);
  const connection = new HubConnectionBuilder()
    .withUrl(proxy.url + target.pathname)
    .withHubProtocol(protocol)
    .withStatefulReconnect()
    .configureLogging("none")
    .build();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("something is left hanging")), LONGEST_MS);
  });
  try {
    await connection.start();
    prepare(proxy);
    return await Promise.race([converse(connection), tooLate]);
  } finally {
    clearTimeout(timer);
    proxy.heal();
    await connection.stop();
    await proxy.stop();
  }
}
