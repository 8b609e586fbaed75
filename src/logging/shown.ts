/** Shows what a peer sent in a log line: short, and without line breaks that would look like another line. */

const LONGEST = 100;

/** The text in quotes, cut to 100 characters, control characters escaped. */
export function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
