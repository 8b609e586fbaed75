/** The version of this package, as `VERSION` exports it and the user agent tells it. */

/** The version of this package; a test compares it with package.json. */
export const VERSION = "0.1.0";

/** The value of the user agent header, in the form that SignalR servers and proxies know (TRANSPORTS §2). */
export function userAgent(os: string, runtime: string, runtimeVersion: string): string {
  const shortVersion = VERSION.replace(/^(\d+\.\d+).*/, "$1");
  return `Microsoft SignalR/${shortVersion} (${VERSION}; ${os}; ${runtime}; ${runtimeVersion})`;
}
