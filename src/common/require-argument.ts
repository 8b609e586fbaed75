/** What is wrong with the names, functions and options that applications pass. Both ends use it. */
import { InvalidArgumentError } from "../errors/call-errors.js";

/** @returns the name. @throws InvalidArgumentError unless it is a text with at least one character. */
export function requireName(value: unknown, parameter: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidArgumentError(`The argument '${parameter}' must be a non-empty string.`);
}

/** @returns the function. @throws InvalidArgumentError unless it is one. */
export function requireFunction<F>(value: F): F {
  if (typeof value === "function") return value;
  throw new InvalidArgumentError("The callback must be a function.");
}

/** @throws InvalidArgumentError that names an option, and never shows its value. */
export function wrongOption(name: string): never {
  throw new InvalidArgumentError(`The option '${name}' has a wrong value.`);
}
