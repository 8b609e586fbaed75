/** Checks the names that applications pass: of methods to call and to be called by, and URLs. Both ends use it. */
import { InvalidArgumentError } from "../errors/call-errors.js";

/** @returns the name. @throws InvalidArgumentError unless it is a text with at least one character. */
export function requireName(value: unknown, parameter: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidArgumentError(`The argument '${parameter}' must be a non-empty string.`);
}
