/** Looks at objects that a user brings: whether they can be what they are passed for. Used by the checks of options and arguments. */

/** Whether a value has all these methods. */
export function hasMethods(value: unknown, ...names: string[]): boolean {
  return names.every((name) => typeof (Object(value) as Readonly<Record<string, unknown>>)[name] === "function");
}
