/** Turns whatever was thrown into an `Error`, for callers that promise one. */

/** @returns `thrown` itself when it is an error, else an `Error` that has it as its message and cause. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(describe(thrown), { cause: thrown });
}

/** The text that stands for a thrown value in messages: an error's own message, else its string form. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : describe(thrown);
}

// Errors of another realm (a frame, a vm context) are errors too, though not instances of our Error.
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

function describe(thrown: unknown): string {
  try {
    return String(thrown ?? "Unknown error");
  } catch {
    return "Unknown error"; // an object whose toString throws
  }
}
