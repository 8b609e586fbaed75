/** Puts functions around one another: interceptors on the client, filters on the server. */

/** What a function that is put around others does with its call; `next` goes on with the same call, or with another one. */
export type Around<Call, Result> = (call: Call, next: (call: Call) => Result) => Result;

/**
 * Puts functions around the last one.
 * @param layers The first is the outermost.
 */
export function around<Call, Result>(
  layers: readonly Around<Call, Result>[],
  last: (call: Call) => Result,
): (call: Call) => Result {
  return layers.reduceRight<(call: Call) => Result>((next, layer) => (call) => layer(call, next), last);
}
