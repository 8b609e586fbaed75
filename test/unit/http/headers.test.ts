/** Headers from several sources. */
import { mergeHeaders } from "../../../src/http/headers.js";

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
