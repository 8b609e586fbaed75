/** Which methods of a hub class can be called, and which classes are refused (SERVER_API §2). */
import { InvalidArgumentError } from "../../../src/errors/call-errors.js";
import { Hub, type HubClass } from "../../../src/server/hub.js";
import { HubDefinition } from "../../../src/server/hub-definition.js";

class Base extends Hub {
  fromBase(): void {}
}

class SampleHub extends Base {
  static readonly streamParameters = { upload: [0], merge: [1, 3] };

  plain(_a: number, _b: number): void {}
  optional(_a: number, _b = 1, ..._rest: number[]): void {}
  async *stream(): AsyncIterable<number> {
    yield 1;
  }
  async upload(_items: AsyncIterable<number>): Promise<void> {}
  merge(_a: number, _left: AsyncIterable<number>, _b: number, _right: AsyncIterable<number>): void {}
  override fromBase(): void {}
  override toString(): string {
    return "overridden";
  }
  "with space"(): void {}
}

test("finds methods in any case", () => {
  const definition = new HubDefinition(SampleHub);
  for (const name of ["plain", "PLAIN", "Plain"]) expect(definition.find(name)?.name).toBe("plain");
  expect(definition.find("with SPACE")?.name).toBe("with space");
});

test("knows what each method needs", () => {
  const definition = new HubDefinition(SampleHub);
  expect(definition.find("plain")).toMatchObject({ requiredParameters: 2, isAsyncGenerator: false });
  expect(definition.find("optional")).toMatchObject({ requiredParameters: 1 });
  expect(definition.find("stream")).toMatchObject({ requiredParameters: 0, isAsyncGenerator: true });
  expect(definition.find("upload")).toMatchObject({ streamPositions: [0], isAsyncGenerator: false });
  expect(definition.find("merge")).toMatchObject({ streamPositions: [1, 3] });
  expect(definition.find("plain")?.streamPositions).toBeUndefined();
});

test("prefers what a derived class overrides", () => {
  expect(new HubDefinition(SampleHub).find("frombase")?.run).toBe(SampleHub.prototype.fromBase);
});

test.each(["toString", "tostring", "constructor", "onConnected", "ONCONNECTED", "clients", "valueOf", "", "__proto__"])(
  "does not find %j",
  (name) => {
    expect(new HubDefinition(SampleHub).find(name)).toBeUndefined();
  },
);

const clashing: [string, HubClass, string][] = [
  [
    "two methods that differ by case",
    class extends Hub {
      send(): void {}
      SEND(): void {}
    },
    "'send' and 'SEND'",
  ],
  [
    "a method that differs by case from one of its base",
    class extends Base {
      FromBase(): void {}
    },
    "'FromBase' and 'fromBase'",
  ],
  [
    "a misspelt lifecycle method",
    class extends Hub {
      OnConnected(): void {}
    },
    "'onConnected' and 'OnConnected'",
  ],
];

test.each(clashing)("refuses %s", (_what, hubClass, names) => {
  expect(() => new HubDefinition(hubClass)).toThrow(InvalidArgumentError);
  expect(() => new HubDefinition(hubClass)).toThrow(names);
});

test.each([
  ["no class", undefined],
  ["an arrow function", () => undefined],
  ["another class", class {}],
])("refuses %s", (_what, value) => {
  expect(() => new HubDefinition(value as unknown as HubClass)).toThrow("A hub must be a class that extends Hub.");
});

test.each([
  [{ nope: [0] }, "streamParameters names no method: 'nope'."],
  [{ toString: [0] }, "streamParameters names no method: 'toString'."],
  [{ send: [1, 0] }, "streamParameters.send must be"],
  [{ send: [0, 0] }, "streamParameters.send must be"],
  [{ send: [-1] }, "streamParameters.send must be"],
  [{ send: [0.5] }, "streamParameters.send must be"],
  [{ send: "0" }, "streamParameters.send must be"],
])("refuses streamParameters %j", (streamParameters, message) => {
  class WrongHub extends Hub {
    static readonly streamParameters = streamParameters;
    send(): void {}
  }
  expect(() => new HubDefinition(WrongHub)).toThrow(message);
});
