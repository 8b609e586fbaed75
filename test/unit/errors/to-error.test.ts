/** Whatever is thrown becomes an Error with a readable text. */
import { messageOf, toError } from "../../../src/errors/to-error.js";

const unprintable = {
  toString(): string {
    throw new Error("no text");
  },
};

describe("toError", () => {
  test("returns an Error as it is", () => {
    const error = new TypeError("text");
    expect(toError(error)).toBe(error);
  });

  test.each([
    ["a string", "text", "text"],
    ["a number", 0, "0"],
    ["undefined", undefined, "Unknown error"],
    ["null", null, "Unknown error"],
    ["a symbol", Symbol("mark"), "Symbol(mark)"],
    ["an object", { a: 1 }, "[object Object]"],
    ["an object without a prototype", Object.create(null), "Unknown error"],
    ["an object that cannot be printed", unprintable, "Unknown error"],
  ])("makes an Error of %s", (_what, thrown: unknown, message) => {
    const error = toError(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(message);
    expect(error.cause).toBe(thrown);
  });
});

describe("messageOf", () => {
  test("is an error's own message, without the name", () => {
    expect(messageOf(new TypeError("text"))).toBe("text");
    expect(messageOf(new Error(""))).toBe("");
  });

  test("is the string form of anything else", () => {
    expect(messageOf("text")).toBe("text");
    expect(messageOf(7)).toBe("7");
    expect(messageOf(undefined)).toBe("Unknown error");
    expect(messageOf(unprintable)).toBe("Unknown error");
  });
});
