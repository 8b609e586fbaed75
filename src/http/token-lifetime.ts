/** How long servers say that an access token lasts: in negotiate answers, and in those of refreshes (DOTNET11 §1.2). */

/** More would not be a whole number of milliseconds. */
const MAXIMUM = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

/** The lifetime in seconds, or nothing when it is none. */
export function tokenLifetime(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value < Infinity ? Math.min(value, MAXIMUM) : undefined;
}
