/** The cookies of one hub connection in Node, shared by all its requests. A jar is made when a server sets the first one. */
import { ignoreRejection } from "../../common/deferred.js";
import type { CookieJarLike } from "../../http/node-options.js";

/** How many cookies our own jar holds; the oldest give way. It is looked at after as many that were set. */
const MAXIMUM_COOKIES = 300;

/** A jar, and the rules for putting its cookies into requests. */
export class Cookies {
  /** Fulfils when whatever answers have set is in the jar; `undefined` when it is. */
  storing: Promise<void> | undefined;
  #jar: CookieJarLike | undefined;
  #trim: (() => Promise<void>) | undefined;

  /** @param jar The user's. Default: one of our own, once it is needed. */
  constructor(jar?: CookieJarLike) {
    this.#jar = jar;
  }

  /** Whether no request needs any. */
  get isEmpty(): boolean {
    return !this.#jar && !this.storing;
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
    const storing = this.#store(this.storing, values, asHttp(url)).finally(() => {
      if (this.storing === storing) this.storing = undefined;
    });
    this.storing = storing;
    ignoreRejection(storing); // whoever needs the cookies hears of it
  }

  async #store(before: Promise<void> | undefined, values: readonly string[], url: string): Promise<void> {
    await before;
    const jar = (this.#jar ??= await this.#create());
    for (const value of values) {
      try {
        await jar.setCookie(value, url, { ignoreError: true });
      } catch {
        // The user's jar may take the option for granted.
      }
      await this.#trim?.();
    }
  }

  /** Loads the package, which takes 20 ms and 7 MB. */
  async #create(): Promise<CookieJarLike> {
    const { CookieJar } = await import("tough-cookie");
    const jar = new CookieJar();
    let untilLook = MAXIMUM_COOKIES;
    this.#trim = async () => {
      if (--untilLook > 0) return;
      untilLook = MAXIMUM_COOKIES;
      const oldestFirst = await jar.store.getAllCookies();
      for (const { domain, path, key } of oldestFirst.slice(0, -MAXIMUM_COOKIES)) {
        await jar.store.removeCookie(domain, path, key);
      }
    };
    return jar;
  }
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
