/** The policy that a list of delays stands for. */
import { DelayListPolicy } from "../../../src/client/retry-policy.js";

function delaysOf(policy: DelayListPolicy, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, previousRetryCount) =>
    policy.nextRetryDelayInMilliseconds({ previousRetryCount, elapsedMilliseconds: 0, retryReason: new Error() }),
  );
}

test("waits 0, 2, 10 and 30 seconds by default, then gives up", () => {
  expect(delaysOf(new DelayListPolicy(), 6)).toEqual([0, 2_000, 10_000, 30_000, null, null]);
});

test("waits as the list says", () => {
  expect(delaysOf(new DelayListPolicy([7, 0]), 3)).toEqual([7, 0, null]);
});

test("gives up at once with an empty list", () => {
  expect(delaysOf(new DelayListPolicy([]), 1)).toEqual([null]);
});

test("keeps its own copy of the list", () => {
  const list = [1];
  const policy = new DelayListPolicy(list);
  list[0] = 99;
  expect(delaysOf(policy, 1)).toEqual([1]);
});
