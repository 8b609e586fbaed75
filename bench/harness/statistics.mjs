// Medians and paired ratios. Used by run.mjs.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Median of value / base, round by round: what disturbs the machine for a while disturbs both sides of a pair.
 * @param {number[]} values
 * @param {number[]} bases
 */
export function pairedRatio(values, bases) {
  return median(values.map((value, round) => value / bases[round]));
}
