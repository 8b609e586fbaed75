/** Tells who makes a request, and how long that holds, by asking the application's `authenticate`; endpoints ask for every request. */
import type { IncomingMessage } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { InvalidArgumentError } from "../errors/call-errors.js";
import type { HubUser } from "./hub-context.js";
import type { ResolvedHubOptions } from "./options.js";
import { Refusal } from "./refusal.js";

/** Whom the application knows, by id or otherwise. */
export interface Identity {
  readonly user: HubUser | undefined;
  readonly userIdentifier: string | undefined;
}

/** Who makes a request. Times are milliseconds since 1970; `Infinity` means never. */
export interface Visitor extends Identity {
  /** When the application says that this ends. */
  readonly claimedExpiry: number;
  /** The same, but no later than `maximumAuthenticationExpiration` allows. */
  readonly expiry: number;
}

/** The largest lifetime that clients understand, in seconds. */
const MAXIMUM_LIFETIME = 2 ** 31 - 1;

/**
 * Asks who makes a request.
 * @throws Refusal when it is nobody that is known; InvalidArgumentError when the application names a time that is none.
 */
export async function identify(request: IncomingMessage, options: ResolvedHubOptions): Promise<Visitor> {
  const { authenticate, maximumAuthenticationExpiration } = options;
  const user = (await authenticate?.(request)) ?? undefined;
  if (authenticate !== undefined && user === undefined) {
    throw new Refusal(401, "", { "WWW-Authenticate": "Bearer" });
  }
  const claimedExpiry = watchesExpiry(options) ? expiryOf(user) : Infinity;
  return {
    user,
    userIdentifier: user?.id == null ? undefined : String(user.id),
    claimedExpiry,
    expiry: Math.min(claimedExpiry, Date.now() + maximumAuthenticationExpiration),
  };
}

/** Whether two requests come from the same user: by the ids or, when neither has one, by everything but the expiry (DOTNET11 §1.4). */
export function isSameUser(one: Identity, other: Identity): boolean {
  if (one.userIdentifier || other.userIdentifier) return one.userIdentifier === other.userIdentifier;
  return one.user === other.user || isDeepStrictEqual(withoutExpiry(one), withoutExpiry(other));
}

function withoutExpiry({ user }: Identity): object {
  return { ...user, expiresAt: undefined };
}

/** Whether it matters to a hub when its clients' authentication ends. */
export function watchesExpiry(options: ResolvedHubOptions): boolean {
  return options.enableAuthenticationRefresh || options.closeOnAuthenticationExpiration;
}

/** Whole seconds that a visitor's authentication still holds, as clients are told; nothing when it does not end, or has (DOTNET11 §1.2). */
export function lifetimeOf({ expiry }: Visitor): number | undefined {
  const seconds = Math.floor((expiry - Date.now()) / 1_000);
  return expiry < Infinity && seconds > 0 ? Math.min(seconds, MAXIMUM_LIFETIME) : undefined;
}

// A time that cannot be read is not taken for "never".
function expiryOf(user: HubUser | undefined): number {
  const expiresAt = user?.expiresAt;
  if (expiresAt == null) return Infinity;
  const time = typeof expiresAt === "number" || expiresAt instanceof Date ? Number(expiresAt) : NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError("The 'expiresAt' of a user must be a Date or milliseconds.");
  return time;
}
