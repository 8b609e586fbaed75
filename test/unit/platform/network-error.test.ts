/** Node's network errors. */
import { isStaleConnection, networkError } from "../../../src/platform/node/network-error.js";

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe("networkError", () => {
  it("takes the first of several addresses' errors, because their wrapper has no message", () => {
    const errors = [withCode("ECONNREFUSED"), withCode("EACCES")];
    expect(networkError(new AggregateError(errors, ""))).toBe(errors[0]);
  });

  it("keeps every other error", () => {
    for (const error of [withCode("ECONNREFUSED"), new AggregateError([], ""), undefined]) {
      expect(networkError(error)).toBe(error);
    }
  });
});

describe("isStaleConnection", () => {
  it("is about connections that were reset", () => {
    expect(
      ["ECONNRESET", "EPIPE", "ECONNREFUSED", "ENOTFOUND"].map((code) => isStaleConnection(withCode(code))),
    ).toEqual([true, true, false, false]);
    expect(isStaleConnection(undefined)).toBe(false);
  });
});
