/** Converts names of members between the style of .NET and that of JavaScript; used by the MessagePack encoding if asked to. */

/** `UserName` to `userName`, `ID` to `id`, `URLPath` to `urlPath`: the rule of .NET's JSON. */
export function toCamelCase(name: string): string {
  // The last of several capitals in front begins the next word, unless the name ends there.
  return name.replace(/^\p{Lu}(?:\p{Lu}(?=\p{Lu}|$))*/u, (capitals) => capitals.toLowerCase());
}

/** `userName` to `UserName`. */
export function toPascalCase(name: string): string {
  return name.replace(/^\p{Ll}/u, (first) => first.toUpperCase());
}
