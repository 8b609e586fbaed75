/** A stream that always has another item, to a peer that always keeps up, lets the rest of the process live. */
import { nextTurn } from "../../support/witness.js";
import { sessionPair } from "../../support/session-pair.js";

const PIECE = "x".repeat(10 * 1024);
const PER_TURN = (1024 * 1024) / PIECE.length;

test("a turn takes about a megabyte of it, and the next one goes on", async () => {
  const { near, clock } = sessionPair();
  let pulled = 0;
  const eager = (async function* () {
    while (pulled < 5 * PER_TURN) {
      pulled++;
      yield PIECE;
    }
  })();
  const upload = near.session.invoke("Upload", [eager]);
  const pulledInTurns: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const before = pulled;
    await nextTurn(); // a turn in reality, so that all that can happen without another one has happened
    pulledInTurns.push(pulled - before);
    clock.runAfterTurn();
  }
  for (const count of pulledInTurns) {
    expect(count).toBeGreaterThan(PER_TURN);
    expect(count).toBeLessThan(1.2 * PER_TURN);
  }
  upload.promise.catch(() => undefined);
});
