/**
 * A server that is killed and started again on the same port, again and again: all its clients come back each time, and what they cost
 * stays the same. `HUBWIRE_SOAK=full npm test -- test/soak/restarts` does it with 1,000 connections and 50 restarts (4 minutes).
 */
import { once } from "node:events";
import { createServer } from "node:net";
import { startAspNetCoreServer, type AspNetCoreServer } from "../support/aspnetcore-server.js";
import { describeWhen } from "../support/requirements.js";
import { programsForTests } from "./program.js";

const isFull = process.env["HUBWIRE_SOAK"] === "full";
const LONG_MS = isFull ? 900_000 : 120_000;

/** Restarts after which every kind of thing is there, and, of the full run, those in which the engine gets to know the code. */
const [WARM_UP, LONG_WARM_UP] = [3, 20];
/** Bytes that one return may leave behind: hardly more than the smallest object that something refers to. */
const BYTES_PER_RETURN = 40;

/** What the clients report when all of them have talked to the server. */
interface Meeting {
  readonly connected: number;
  readonly returns: number;
  readonly losses: number;
  readonly bytes: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly complaints: readonly string[];
}

/** A server that can be killed. */
interface Victim {
  kill(): Promise<unknown>;
}

const run = programsForTests();

/**
 * A free port, below those that systems give to outgoing connections: while the server is away nobody gets it by chance, not even a
 * client that tries to connect to it and would find itself there.
 */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** What came of a soak. */
interface Soak {
  /** What the clients said after each start. */
  readonly meetings: readonly Meeting[];
  /** How many things were in their heap after the warm-up, and in the end. */
  readonly counts: readonly Readonly<Record<string, number>>[];
}

/** Kills a server so often under so many clients. */
async function soak(count: number, restarts: number, start: (port: number) => Promise<Victim>): Promise<Soak> {
  const port = await lowPort();
  let server = await start(port);
  const clients = run("returning-clients", [`http://127.0.0.1:${port}`, String(count)]);
  const order = <T>(kind: string) => clients.request({ kind }) as Promise<unknown> as Promise<T>;
  const meetings = [await order<Meeting>("start")];
  const counts: Soak["counts"][number][] = [];
  for (let restart = 1; restart <= restarts; restart++) {
    await server.kill();
    server = await start(port);
    meetings.push(await order("meet"));
    if (restart === WARM_UP || restart === restarts)
      counts.push((await order<{ things: Record<string, number> }>("count")).things);
  }
  await expect(order("stop")).resolves.toEqual({ kind: "stopped", closed: count, others: 0, resources: {} });
  await expect(clients.ended).resolves.toEqual({ code: 0, signal: null });
  expect(clients.output).toBe("");
  await server.kill();
  return { meetings, counts };
}

/** The middle one, which no chance moves far. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[numbers.length >> 1] ?? NaN;
}

function expectAllBack({ meetings }: Soak, count: number): void {
  const [first] = meetings;
  for (const [restart, meeting] of meetings.entries()) {
    const times = count * restart;
    expect(meeting).toMatchObject({ connected: count, returns: times, losses: times, complaints: [] });
    expect(meeting.resources).toEqual(first?.resources);
  }
}

/** Fails if returning leaves anything behind, of whatever kind: even if it is only at each second return. */
function expectNoMoreThings({ meetings, counts: [before = {}, after = {}] }: Soak): void {
  const returns = (meetings.at(-1)?.returns ?? 0) - (meetings[WARM_UP]?.returns ?? 0);
  const more = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  expect(more.filter(([, growth]) => growth > returns / 2)).toEqual([]);
}

function expectFlatHeap({ meetings }: Soak): void {
  const [early, late] = [meetings.slice(LONG_WARM_UP, LONG_WARM_UP + 5), meetings.slice(-5)];
  const of = (those: readonly Meeting[], name: "bytes" | "returns") => median(those.map((one) => one[name]));
  const growth = of(late, "bytes") - of(early, "bytes");
  const returns = of(late, "returns") - of(early, "returns");
  console.info(`${growth} bytes more after ${returns} returns, of ${of(early, "bytes")}`);
  expect(growth / returns).toBeLessThan(BYTES_PER_RETURN);
}

test(
  "every client comes back to our server each time, and leaves nothing behind",
  async () => {
    const [count, restarts] = isFull ? [1_000, 50] : [100, 9];
    const outcome = await soak(count, restarts, async (port) => {
      const server = run("restarting-server", [String(port)]);
      await server.next();
      return server;
    });
    expectAllBack(outcome, count);
    expectNoMoreThings(outcome);
    if (isFull) expectFlatHeap(outcome);
  },
  LONG_MS,
);

describeWhen("dotnet", "with ASP.NET Core", () => {
  const servers: AspNetCoreServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  test(
    "every client comes back each time",
    async () => {
      const [count, restarts] = isFull ? [1_000, 10] : [50, 3];
      const outcome = await soak(count, restarts, async (port) => {
        const server = await startAspNetCoreServer({ port });
        servers.push(server);
        return server;
      });
      expectAllBack(outcome, count);
      if (isFull) expectNoMoreThings(outcome);
    },
    LONG_MS,
  );
});
