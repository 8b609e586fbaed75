// How people look: a face with their initial in a colour of their own, and the chip of the list of those present.
import { element } from "./elements.js";

/** A round face; the bot has the one of the page. */
export function face({ name, isBot }) {
  const made = element(
    "span",
    { className: isBot ? "face bot" : "face", ariaHidden: "true" },
    isBot ? "" : initial(name),
  );
  made.style.setProperty("--hue", String(hueOf(name)));
  return made;
}

/** An entry of the list of people. */
export function personChip(person) {
  return element("li", {}, face(person), person.name);
}

function initial(name) {
  return String.fromCodePoint(name.codePointAt(0)).toUpperCase();
}

/** Always the same for a name, and far apart for names that differ a little. */
function hueOf(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return (hash * 137) % 360;
}
