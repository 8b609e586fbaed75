/** The types that the package `proxy-from-env` lacks. */
declare module "proxy-from-env" {
  /** The proxy for a URL, or an empty text. */
  export function getProxyForUrl(url: string): string;
}
