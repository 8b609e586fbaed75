/** Names of members as .NET's JSON converts them, and back. */
import { toCamelCase, toPascalCase } from "../../../src/protocol/property-names.js";

test.each([
  ["UserName", "userName"],
  ["ID", "id"],
  ["Id", "id"],
  ["A", "a"],
  ["URLPath", "urlPath"],
  ["ID2", "iD2"],
  ["IOStream", "ioStream"],
  ["already", "already"],
  ["_Private", "_Private"],
  ["Écrit", "écrit"],
  ["", ""],
  ["1st", "1st"],
  ["__proto__", "__proto__"],
])("%s becomes %s", (name, camel) => {
  expect(toCamelCase(name)).toBe(camel);
});

test.each([
  ["userName", "UserName"],
  ["id", "Id"],
  ["UserName", "UserName"],
  ["écrit", "Écrit"],
  ["_private", "_private"],
  ["", ""],
])("%s is written as %s", (name, pascal) => {
  expect(toPascalCase(name)).toBe(pascal);
});
