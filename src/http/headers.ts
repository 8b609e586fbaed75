/** Puts request headers together; used by everything that sends a request. */

/** Header values by name; `undefined` takes a header away. */
export type HeaderSource = Readonly<Record<string, string | undefined>>;

/** Merges headers; later sources win, and names are compared without case. */
export function mergeHeaders(...sources: readonly HeaderSource[]): Record<string, string> {
  const merged = new Map<string, readonly [string, string | undefined]>();
  for (const entry of sources.flatMap(Object.entries<string | undefined>)) merged.set(entry[0].toLowerCase(), entry);
  return Object.fromEntries([...merged.values()].filter((entry): entry is [string, string] => entry[1] !== undefined));
}
