/** Reads the path and the query of a request the way that ASP.NET Core does, without trusting either. */

/** The path as hubs are found by: lower case, without a slash at the end. Nothing is decoded or resolved. */
export function pathOf(url: string | undefined): string {
  const [path = ""] = (url ?? "").split("?", 1);
  return normalizePath(path);
}

/** Paths match in any case, and with a slash at the end or without. */
export function normalizePath(path: string): string {
  return path.replace(/\/$/, "").toLowerCase();
}

/** The query; no parameters when there is none. */
export function queryOf(url: string | undefined): URLSearchParams {
  const start = url?.indexOf("?") ?? -1;
  return new URLSearchParams(start < 0 ? "" : url?.slice(start));
}

/**
 * One parameter, whatever the case of its name.
 * @returns all values joined by commas, so that a parameter that comes twice is a wrong one; `undefined` when there is none.
 */
export function parameterOf(query: URLSearchParams, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = [...query].filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(",");
}
