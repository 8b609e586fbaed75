/** Where a redirect leads and what changes on the way, as `fetch` does it; used by Node's HTTP client. */

/** One request of the chain. */
export interface Hop {
  /** Where to. */
  readonly url: URL;
  /** The method in capitals. */
  readonly method: string;
  /** All headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, if there is one. Node puts a text into one write with the head. */
  readonly body: string | Buffer | undefined;
}

const SECRET = /^(authorization|cookie|proxy-authorization)$/i;
const ABOUT_BODY = /^content-/i;

/**
 * Tells the request that follows an answer.
 * @returns `undefined` when the answer is no redirect.
 * @throws TypeError when the location cannot be used.
 */
export function redirected(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!location || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  const url = new URL(location, hop.url);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("redirected to another protocol");
  const toGet = status === 303 ? hop.method !== "HEAD" : status < 303 && hop.method === "POST";
  const dropped = (name: string) =>
    (toGet && ABOUT_BODY.test(name)) || (url.origin !== hop.url.origin && SECRET.test(name));
  return {
    url,
    method: toGet ? "GET" : hop.method,
    headers: Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !dropped(name))),
    body: toGet ? undefined : hop.body,
  };
}
