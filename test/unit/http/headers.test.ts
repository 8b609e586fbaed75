/** Headers from several sources. */
import { mergeHeaders, withContentType } from "../../../src/http/headers.js";

describe("mergeHeaders", () => {
  it("lets later sources win, whatever the case of the names", () => {
    expect(mergeHeaders({ "X-A": "1", "X-B": "1" }, { "x-a": "2" })).toEqual({ "x-a": "2", "X-B": "1" });
  });

  it("takes a header away with undefined, and gives it back after that", () => {
    expect(mergeHeaders({ Authorization: "a" }, { authorization: undefined })).toEqual({});
    expect(mergeHeaders({ A: undefined }, { a: "1" })).toEqual({ a: "1" });
  });

  it("takes names of object members for what they are", () => {
    const headers = mergeHeaders(JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(Object.entries(headers)).toEqual([["constructor", "y"]]);
  });
});

describe("withContentType", () => {
  it("tells text from bytes, and says nothing about a body that is not there", () => {
    expect(withContentType({ A: "1" }, "x")).toEqual({ A: "1", "Content-Type": "text/plain;charset=UTF-8" });
    expect(withContentType({}, new ArrayBuffer(1))).toEqual({ "Content-Type": "application/octet-stream" });
    expect(withContentType({ A: "1" }, "")).toEqual({ A: "1" });
    expect(withContentType({ A: "1" }, undefined)).toEqual({ A: "1" });
  });

  it("leaves what the user says", () => {
    expect(withContentType({ "content-type": "mine" }, "x")).toEqual({ "content-type": "mine" });
  });
});
