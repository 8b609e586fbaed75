/** Hub URLs: made absolute, extended, and shown without secrets. */
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { appendQuery, publicUrl, resolveHttpUrl } from "../../../src/http/url.js";

describe("resolveHttpUrl", () => {
  it.each([
    ["https://h/chat?a=1", undefined, "https://h/chat?a=1"],
    ["/chat", "https://h/page/index.html", "https://h/chat"],
    ["chat?a=b%2Fc", "https://h/page/index.html", "https://h/page/chat?a=b%2Fc"],
    ["//other/chat", "https://h/", "https://other/chat"],
    ["http://h/chat#part", undefined, "http://h/chat"],
    ["ws://h/chat?ws=1", undefined, "http://h/chat?ws=1"],
    ["WSS://h:443/chat", undefined, "https://h/chat"],
  ])("makes %s, seen from %s, %s", (url, base, expected) => {
    expect(resolveHttpUrl(url, base)).toBe(expected);
  });

  it.each(["/chat", "chat", "ftp://h/chat", "javascript:alert(1)", "http://", "file:///etc/passwd"])(
    "refuses %s",
    (url) => {
      expect(() => resolveHttpUrl(url)).toThrow(InvalidArgumentError);
    },
  );

  it("does not show the query of a URL that it refuses", () => {
    expect(() => resolveHttpUrl("/chat?access_token=secret")).toThrow(/^(?!.*secret).*\/chat/);
  });
});

describe("appendQuery", () => {
  it("starts a query or goes on with one, and encodes the value", () => {
    expect(appendQuery("http://h/c", "id", "a+/=&b")).toBe("http://h/c?id=a%2B%2F%3D%26b");
    expect(appendQuery("http://h/c?x=my/Data", "id", "1")).toBe("http://h/c?x=my/Data&id=1");
  });
});

describe("publicUrl", () => {
  it.each([
    ["https://h/chat?id=secret", "https://h/chat"],
    ["https://me:secret@h/chat", "https://h/chat"],
    ["https://h/chat#secret", "https://h/chat"],
    ["https://h/a@b", "https://h/a@b"],
  ])("shows %s as %s", (url, shown) => {
    expect(publicUrl(url)).toBe(shown);
  });
});
