// When the bots try a lost connection again: never giving up, and late enough for people to see it happen.

const FIRST_DELAY_MS = 600;
const LONGEST_DELAY_MS = 10_000;

export const retryPolicy = {
  nextRetryDelayInMilliseconds: ({ previousRetryCount }) =>
    Math.min(FIRST_DELAY_MS * 2 ** previousRetryCount, LONGEST_DELAY_MS),
};
