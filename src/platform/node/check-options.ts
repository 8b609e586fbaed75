/** Checks the options that only Node understands, when a connection is built. */
import { wrongOption } from "../../common/require-argument.js";
import { InvalidArgumentError } from "../../errors/call-errors.js";
import type { NodeOptions } from "../../http/node-options.js";

/** @throws InvalidArgumentError that names the option. Never shows its value, which may hold a password. */
export function checkNodeOptions(options: NodeOptions): void {
  const { cookieJar, httpAgent, proxy, tls, webSocketOptions } = options;
  const valid = {
    cookieJar: cookieJar == null || (hasMethod(cookieJar, "getCookieString") && hasMethod(cookieJar, "setCookie")),
    httpAgent: httpAgent == null || typeof httpAgent === "function" || isAgent(httpAgent),
    proxy: proxy == null || proxy === false || isProxyUrl(proxy),
    tls: tls == null || typeof tls === "object",
    webSocketOptions: webSocketOptions == null || typeof webSocketOptions === "object",
  };
  for (const [name, isValid] of Object.entries(valid)) {
    if (!isValid) wrongOption(name);
  }
  if (httpAgent && proxy) throw new InvalidArgumentError("The options 'httpAgent' and 'proxy' exclude each other.");
}

/** Whether Node takes it for an agent. */
export function isAgent(value: unknown): boolean {
  return hasMethod(value, "addRequest");
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (Object(value) as Readonly<Record<string, unknown>>)[name] === "function";
}

function isProxyUrl(value: unknown): boolean {
  try {
    return /^https?:$/.test(new URL(String(value)).protocol);
  } catch {
    return false;
  }
}
