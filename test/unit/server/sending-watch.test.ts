/** When a client that takes nothing is noticed. */
import { Deferred } from "../../../src/common/deferred.js";
import { SendingWatch, type Blockable } from "../../../src/server/sending-watch.js";

const LIMIT_MS = 4_000;

function channel(): Blockable & { isBlocked: boolean; readonly room: Deferred<void> } {
  const room = new Deferred<void>();
  return { isBlocked: true, room, whenUnblocked: () => room.promise };
}

test("after it has taken nothing for the whole time", () => {
  const watch = new SendingWatch();
  const blocked = channel();
  for (let second = 0; second < 4; second++) expect(watch.onBeat(1_000, blocked, LIMIT_MS)).toBe(false);
  expect(watch.onBeat(1_000, blocked, LIMIT_MS)).toBe(true);
});

test("not when it took something in between", async () => {
  const watch = new SendingWatch();
  for (let times = 0; times < 5; times++) {
    const blocked = channel();
    for (let second = 0; second < 4; second++) expect(watch.onBeat(1_000, blocked, LIMIT_MS)).toBe(false);
    blocked.room.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
});

test("not while it takes everything, nor by a single beat", () => {
  const watch = new SendingWatch();
  const blocked = channel();
  expect(watch.onBeat(60_000, blocked, LIMIT_MS)).toBe(false);
  expect(watch.onBeat(60_000, blocked, LIMIT_MS)).toBe(false);
  expect(watch.onBeat(60_000, { ...blocked, isBlocked: false }, LIMIT_MS)).toBe(false);
});
