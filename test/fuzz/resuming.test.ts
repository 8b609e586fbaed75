/**
 * Stateful reconnect under any order of calls, streams, ticks and breaks (HUB_PROTOCOL §9): what is counted arrives once and in order,
 * or the session ends and says so. Against hubwire at the other end, and against peers that count as .NET 10 does.
 */
import fc from "fast-check";
import { MessageType, type HubMessage } from "../../src/protocol/messages.js";
import { Subject } from "../../src/session/subject.js";
import { connectionPair, type MemoryConnection } from "../support/connection-pair.js";
import { FakeClock } from "../support/fake-clock.js";
import { expectSame, run } from "../support/fuzz.js";
import { InexactPeer } from "../support/inexact-peer.js";
import { sessionPair, TestPeer } from "../support/session-pair.js";

jest.setTimeout(600_000);

const never = { keepAliveIntervalMs: 1_000_000, timeoutMs: 1_000_000 };

/** What happens next; each world has a meaning for it. */
interface Step {
  readonly kind:
    | "call"
    | "callBack"
    | "open"
    | "item"
    | "end"
    | "tick"
    | "tickBack"
    | "turns"
    | "settle"
    | "break"
    | "hold"
    | "release";
  /** Which, how many, or in what way. */
  readonly how: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Step["kind"]>(
      "call",
      "callBack",
      "open",
      "item",
      "end",
      "tick",
      "tickBack",
      "turns",
      "settle",
      "break",
      "hold",
      "release",
    ),
    how: fc.nat(5),
  }),
  { minLength: 5, maxLength: 60, size: "max" },
);

type World = Record<Exclude<Step["kind"], "turns" | "settle">, (how: number) => void> & {
  readonly clock: FakeClock;
  /** Whether there is anything left to happen. */
  isOver(): boolean;
};

async function play(world: World, happening: readonly Step[]): Promise<void> {
  const { clock } = world;
  let held = 0;
  for (const { kind, how } of happening) {
    if (world.isOver()) return;
    if (kind === "settle") await clock.settle();
    else if (kind === "turns") for (let turns = 0; turns < how; turns++) await Promise.resolve();
    else if (kind === "hold") world.hold(held++);
    else if (kind !== "release") world[kind](how);
    else if (held > 0) world.release(held--);
  }
  while (held > 0) world.release(held--);
  // Long enough for a session to give up a peer that owes it something.
  for (let ticks = 0; ticks < 10; ticks++) {
    await clock.settle();
    world.tickBack(0);
    world.tick(0);
  }
  await clock.settle();
}

/** Both ends of a connection; dropping one end may show at the other. */
function droppablePair(how: number): [MemoryConnection, MemoryConnection] {
  const pair = connectionPair();
  const [one, other] = pair;
  const drop = (end: MemoryConnection, opposite: MemoryConnection) => (): void => {
    end.closed = true;
    if (how % 2 === 0) void Promise.resolve().then(() => opposite.lose(new Error("reset")));
  };
  Object.assign(one, { terminate: drop(one, other) });
  Object.assign(other, { terminate: drop(other, one) });
  return pair;
}

/** Numbers the calls that one side makes. */
class Calls {
  #count = 0;

  next(): number {
    return ++this.#count;
  }

  /** They have arrived once and in order: all of them, or as far as was possible. */
  check(arrived: readonly unknown[], areAll = true): void {
    const length = areAll ? this.#count : arrived.length;
    expectSame(
      arrived,
      Array.from({ length }, (_, index) => index + 1),
    );
  }
}

const numbersOf = ({ calls }: TestPeer): unknown[] => calls.map((call) => call.arguments[0]);
const quiet = (promise: Promise<unknown>): void => void promise.catch(() => undefined);

test("two sessions that count everything lose nothing, and never give up", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 200, max: 5_000 }), async (happening, bufferSize) => {
      const pair = sessionPair({ continuity: { bufferSize, isExact: true } });
      const { near, far, clock } = pair;
      const [up, down] = [new Calls(), new Calls()];
      const reconnect = (how: number): void => {
        if (how > 0) near.connection.lose(new Error("cut"));
        if (how > 1) far.connection.lose(new Error("cut"));
        const [ours, theirs] = droppablePair(how);
        near.attach(ours, () => undefined);
        far.attach(theirs);
      };
      reconnect(2);
      const ignored = (): void => undefined;
      await play(
        {
          clock,
          isOver: () => near.session.ended || far.session.ended,
          call: () => quiet(near.session.send("Call", [up.next()])),
          callBack: () => quiet(far.session.send("Call", [down.next()])),
          tick: () => near.session.tick(100, never),
          tickBack: () => far.session.tick(100, never),
          hold: () => far.held.hold(),
          release: () => far.held.release(),
          break: reconnect,
          open: ignored,
          item: ignored,
          end: ignored,
        },
        happening,
      );
      expect([near.ends, far.ends]).toEqual([[], []]);
      up.check(numbersOf(far));
      down.check(numbersOf(near));
      expect([near.channel.sent.size, far.channel.sent.size]).toEqual([0, 0]);
    }),
    run(0.3),
  );
});

describe("with a peer that counts as .NET 10 does calls arrive once and in order, or the session ends", () => {
  const inexact = { bufferSize: 100_000, isExact: false };

  /** A session and such a peer, in all but what their streams are. */
  function worldWith(isServer: boolean) {
    const clock = new FakeClock();
    const [ours, theirs] = droppablePair(0);
    const session = new TestPeer(ours, clock, "x", Infinity, inexact, isServer);
    const peer = new InexactPeer();
    const [calls, backCalls] = [new Calls(), new Calls()];
    peer.connect(theirs, false);
    peer.send({ type: MessageType.Ping });
    const world = {
      clock,
      isOver: () => session.session.ended,
      call: () => quiet(session.session.send("Call", [calls.next()])),
      callBack: () => {
        const message: HubMessage = { type: MessageType.Invocation, target: "Call", arguments: [backCalls.next()] };
        peer.send(message);
      },
      end: (how: number) => peer.endOne(how),
      tick: () => session.session.tick(1_000, never),
      tickBack: () => peer.acknowledge(),
      hold: () => session.held.hold(),
      release: () => session.held.release(),
      break: (how: number) => {
        if (how > 0) session.connection.lose(new Error("cut"));
        const [one, other] = droppablePair(how);
        session.attach(one, isServer ? undefined : () => undefined);
        peer.connect(other, true);
      },
    };
    const check = (): void => {
      const isWhole = !session.session.ended && peer.fault === undefined;
      calls.check(peer.calls, isWhole);
      backCalls.check(
        numbersOf(session).filter((number) => number !== undefined),
        isWhole,
      );
    };
    return { calls, check, peer, session, world };
  }

  test("a server", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const { check, peer, session, world } = worldWith(true);
        const streams = new Map<string, { source: Subject<number>; stop: () => void }>();
        session.onCall = ({ invocationId, type }, hub) => {
          if (type !== MessageType.StreamInvocation || !invocationId) return;
          const source = new Subject<number>();
          streams.set(invocationId, { source, stop: hub.sendStream(invocationId, source) });
        };
        session.onCancelInvocation = (id) => {
          streams.get(id)?.stop();
          streams.delete(id);
          session.session.complete(id, undefined);
        };
        const item = (how: number): void => [...streams.values()].at(-how % 2)?.source.next(how);
        await play({ ...world, item, open: () => peer.askForStream() }, happening);
        check();
      }),
      run(0.3),
    );
  });

  test("a client", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const { calls, check, session, world } = worldWith(false);
        const uploads: Subject<number>[] = [];
        const open = (how: number): void => {
          const source = new Subject<number>();
          uploads.push(source);
          if (how > 2) quiet(session.session.send("Upload", [calls.next(), source]));
          else quiet(session.session.invoke("Upload", [calls.next(), source]).promise);
        };
        const ignored = (): void => undefined; // only servers hold back what arrives
        await play(
          { ...world, hold: ignored, release: ignored, open, item: (how) => uploads.at(-how % 2)?.next(how) },
          happening,
        );
        check();
      }),
      run(0.3),
    );
  });
});
