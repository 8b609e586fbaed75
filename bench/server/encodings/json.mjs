// JSON as the bench server speaks it: string surgery where a row depends on its speed, a proper parser everywhere else.

const idMark = '"invocationId":"';
const argumentsMark = '"arguments":[';

/** @type {import("../encoding.mjs").Encoding} */
export const json = {
  name: "json",
  frameHead: 0x81,
  callEndMark: '"Report"',
  uploadEndMark: '"type":3',

  encode: (message) => JSON.stringify(message) + "\x1e",
  decode: (frame, start, end) => JSON.parse(frame.toString("utf8", start, end)),

  bounds(text, position) {
    const end = text.indexOf("\x1e", position);
    return end < 0 ? undefined : { start: position, end, next: end + 1 };
  },

  isEcho: (record) => record.includes('"Echo"'),

  // An ASCII call with one argument that contains no bracket.
  echo(record) {
    const id = record.indexOf(idMark) + idMark.length;
    const first = record.indexOf(argumentsMark) + argumentsMark.length;
    const invocationId = record.slice(id, record.indexOf('"', id));
    return `{"type":3,"invocationId":"${invocationId}","result":${record.slice(first, record.indexOf("]", first))}}\x1e`;
  },
};
