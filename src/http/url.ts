/** How hub URLs are checked, extended and shown. Strings throughout, so the user's query stays as it was given. */
import { InvalidArgumentError } from "../errors/call-errors.js";

/**
 * Makes a URL absolute and drops its fragment, which no request may carry. A WebSocket's URL stands for the HTTP URL of the same place.
 * @param base What a relative URL is relative to; without it only absolute ones will do.
 * @throws InvalidArgumentError unless it is an http(s) or ws(s) URL.
 */
export function resolveHttpUrl(url: string, base?: string): string {
  try {
    const { href, protocol } = new URL(url, base);
    if (/^(?:http|ws)s?:$/.test(protocol)) return href.replace(/#.*/, "").replace(/^ws/, "http");
  } catch {
    // The message of the runtime would show the query.
  }
  throw new InvalidArgumentError(`'${publicUrl(url)}' is not an absolute http(s) URL.`);
}

/** Adds a segment to the path. */
export function appendPath(url: string, segment: string): string {
  const [path = ""] = url.split("?", 1);
  return `${path}${path.endsWith("/") ? "" : "/"}${segment}${url.slice(path.length)}`;
}

/** Adds a parameter to the query; the value gets encoded. */
export function appendQuery(url: string, name: string, value: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}

/** The URL as logs and errors may show it: without its query and password, which can hold secrets. */
export function publicUrl(url: string): string {
  return url.replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
}
