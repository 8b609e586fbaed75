/** Puts request headers together; used by everything that sends a request. */

/** Header values by name; `undefined` takes a header away. */
export type HeaderSource = Readonly<Record<string, string | undefined>>;

/** Merges headers; later sources win, and names are compared without case. */
export function mergeHeaders(...sources: readonly HeaderSource[]): Record<string, string> {
  const names = new Map<string, string>();
  const merged: Record<string, string> = {};
  for (const source of sources) {
    for (const name of Object.keys(source)) {
      const known = names.get(name.toLowerCase());
      const value = source[name];
      if (known !== undefined) delete merged[known];
      if (value !== undefined) merged[name] = value;
      names.set(name.toLowerCase(), name);
    }
  }
  return merged;
}

/** Says what kind of body is sent, if there is one; the user's own word about it stays. */
export function withContentType(
  headers: Record<string, string>,
  content: string | ArrayBuffer | undefined,
): Record<string, string> {
  if (!content) return headers;
  const type = typeof content === "string" ? "text/plain;charset=UTF-8" : "application/octet-stream";
  for (const name of Object.keys(headers)) if (name.toLowerCase() === "content-type") return headers;
  return { "Content-Type": type, ...headers };
}
