/**
 * Reads and writes the notes in `cases/`: comments below a line of code that say what the compiler finds in that line, and what
 * an editor shows there. A case is right when its notes, written anew from what the compiler says, are the text of the file.
 *
 *     connection.send("SendMessage", 1);
 *     //                             ~ an error's text, below what is underlined
 *     //         ^? what hovering over `send` shows
 *     connection.send("");
 *     //               ^| what is offered at this place
 *     connection.send("SendMessage", );
 *     //                             ^( the signature, as it is shown while it is typed; the current parameter in «»
 */

/** What an editor is asked at a place. */
export type Query = "^?" | "^|" | "^(";

/** A place in a source, counted from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is found at a place: an error, which has a length, or the answer to a query. */
export interface Note extends Place {
  readonly mark: string;
  readonly text: string;
}

const note = /^\s*\/\/\s*(~+|\^[?|(])(\s|$)/;

/** The code of a case, its line numbers, and what it asks. */
export function parse(text: string): { code: string; queries: (Place & { query: Query })[] } {
  const lines: string[] = [];
  const queries: (Place & { query: Query })[] = [];
  for (const line of text.split("\n")) {
    const mark = note.exec(line)?.[1];
    if (mark === undefined) lines.push(line);
    else if (mark.startsWith("^")) {
      queries.push({ line: lines.length - 1, column: line.indexOf(mark), query: mark as Query });
    }
  }
  return { code: lines.join("\n"), queries };
}

/** A case whose notes say only where they belong. */
export function withoutTexts(text: string): string {
  const lines = text.split("\n").map((line) => {
    const mark = note.exec(line)?.[1];
    return mark === undefined ? line : line.slice(0, line.indexOf(mark) + mark.length);
  });
  return lines.join("\n");
}

/** The code with the notes below its lines. */
export function annotate(code: string, notes: readonly Note[]): string {
  const lines = code.split("\n").map((text, line) => {
    const own = notes.filter((found) => found.line === line).sort((one, other) => one.column - other.column);
    return [text, ...own.map((found) => written(found, text))].join("\n");
  });
  return lines.join("\n");
}

function written({ column, mark, text }: Note, code: string): string {
  const start = `${" ".repeat(code.length - code.trimStart().length)}//`;
  if (column < start.length)
    throw new Error(`There is no room for a note before column ${start.length}: ${text}\n${code}`);
  return `${start}${" ".repeat(column - start.length)}${mark} ${text}`;
}
