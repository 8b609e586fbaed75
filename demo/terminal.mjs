// What the demo writes to the terminal: plain lines that say who did what.

/** Writes one line. */
export function report(who, what) {
  console.log(`  ${who.padEnd(5)} ${oneLine(what)}`);
}

/** What others wrote must not move the cursor or change colours. */
function oneLine(text) {
  // eslint-disable-next-line no-control-regex -- exactly these are meant
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The message of an error and of what caused it, without saying anything twice. */
export function explain(error) {
  const messages = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    if (!messages.some((message) => message.includes(each.message))) messages.push(each.message);
  }
  return messages.join(" – ");
}
