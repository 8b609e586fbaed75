/** The cookies of one hub connection in Node, shared by all its requests. A jar is made when a server sets the first one. */
import { ignoreRejection } from "../../common/deferred.js";
import type { CookieJarLike } from "../../http/node-options.js";

/** How many cookies our own jar holds; the oldest give way. It is looked at after as many that were set. */
const MAXIMUM_COOKIES = 300;

/** Cookies that there are. */
interface Kept {
  /** Fulfils when whatever answers have set is in the jar; `undefined` when it is. */
  storing: Promise<void> | undefined;
  jar: CookieJarLike | undefined;
  trim: (() => Promise<void>) | undefined;
}

/** They live as long as those whose cookies they are. Most have none. */
const kept = new WeakMap<object, Kept>();

/** A jar, and the rules for putting its cookies into requests. */
export class Cookies {
  readonly #given: CookieJarLike | undefined;
  readonly #owner: object;

  /**
   * @param jar The user's. Default: one of our own, once it is needed.
   * @param owner Whose cookies they are: all with the same owner share them.
   */
  constructor(jar?: CookieJarLike, owner: object = {}) {
    this.#given = jar;
    this.#owner = owner;
  }

  /** Fulfils when whatever answers have set is in the jar; `undefined` when it is. */
  get storing(): Promise<void> | undefined {
    return kept.get(this.#owner)?.storing;
  }

  /** Whether no request needs any. */
  get isEmpty(): boolean {
    return !this.#given && !kept.has(this.#owner);
  }

  /** Adds the cookies for a URL to a request's headers, as `Cookie`. Of two with one name the request's own is sent. */
  async addTo(headers: Readonly<Record<string, string>>, url: string): Promise<Record<string, string>> {
    await this.storing;
    const text = await this.#jar?.getCookieString(asHttp(url));
    const { Cookie = "", ...others } = withPlainName(headers);
    const own = pairsOf(Cookie);
    const names = own.map(nameOf);
    const all = [...own, ...pairsOf(text).filter((pair) => !names.includes(nameOf(pair)))];
    return all.length > 0 ? { ...others, Cookie: all.join("; ") } : others;
  }

  /** The cookies for a URL, as far as the jar can tell at once. */
  textFor(url: string): string {
    try {
      return this.#jar?.getCookieStringSync?.(asHttp(url)) ?? "";
    } catch {
      return ""; // its store cannot
    }
  }

  /** Takes the `Set-Cookie` headers of an answer. One that the jar refuses is dropped, as in browsers. */
  store(values: readonly string[] | undefined, url: string): void {
    if (!values) return;
    const state = kept.get(this.#owner) ?? { storing: undefined, jar: this.#given, trim: undefined };
    kept.set(this.#owner, state);
    const storing = storeAll(state, values, asHttp(url)).finally(() => {
      if (state.storing === storing) state.storing = undefined;
    });
    state.storing = storing;
    ignoreRejection(storing); // whoever needs the cookies hears of it
  }

  get #jar(): CookieJarLike | undefined {
    return this.#given ?? kept.get(this.#owner)?.jar;
  }
}

async function storeAll(state: Kept, values: readonly string[], url: string): Promise<void> {
  await state.storing;
  const jar = (state.jar ??= await createJar(state));
  for (const value of values) {
    try {
      await jar.setCookie(value, url, { ignoreError: true });
    } catch {
      // The user's jar may take the option for granted.
    }
    await state.trim?.();
  }
}

/** Loads the package, which takes 20 ms and 7 MB. */
async function createJar(state: Kept): Promise<CookieJarLike> {
  const { CookieJar } = await import("tough-cookie");
  const jar = new CookieJar();
  let untilLook = MAXIMUM_COOKIES;
  state.trim = async () => {
    if (--untilLook > 0) return;
    untilLook = MAXIMUM_COOKIES;
    const oldestFirst = await jar.store.getAllCookies();
    for (const { domain, path, key } of oldestFirst.slice(0, -MAXIMUM_COOKIES)) {
      await jar.store.removeCookie(domain, path, key);
    }
  };
  return jar;
}

function asHttp(url: string): string {
  return url.replace(/^ws/i, "http");
}

function pairsOf(cookie: string | undefined): string[] {
  return cookie ? cookie.split(/;\s*/) : [];
}

function nameOf(pair: string): string {
  return pair.split("=", 1).join().trim();
}

function withPlainName(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [/^cookie$/i.test(name) ? "Cookie" : name, value]),
  );
}
