/** Turns whatever was thrown into an `Error`, for callers that promise one. */

/** @returns `thrown` itself when it is an `Error`, else an `Error` that has it as its message and cause. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(describe(thrown), { cause: thrown });
}

/** The text that stands for a thrown value in messages: an error's own message, else its string form. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : describe(thrown);
}

function describe(thrown: unknown): string {
  try {
    return String(thrown ?? "Unknown error");
  } catch {
    return "Unknown error"; // an object whose toString throws
  }
}
