// What the bot says to what people say.
import { randomInt } from "node:crypto";

const HELP = "I know “time”, “ping” and “dice”. What else you say I repeat, if we are alone or you start with “bot”.";
const LONGEST_ECHO = 200;

const answers = {
  help: () => HELP,
  time: () => `It is ${new Date().toLocaleTimeString("en-GB")} where I run.`,
  ping: () => "pong",
  dice: () => `You rolled ${randomInt(1, 7)} and ${randomInt(1, 7)}.`,
};

/** The answer to a text, or `undefined` when people talk to each other. */
export function answer(text, { name, isAlone }) {
  const [, address, rest] = /^(@?bot\b[\s,:!]*)?(.*)$/isu.exec(text);
  const isMeant = isAlone || address !== undefined;
  const known = answers[rest.toLowerCase().replace(/[\s?!.]+$/u, "")];
  if (known !== undefined) return known();
  if (!isMeant) return undefined;
  if (rest === "") return `Yes, ${name}?`;
  return `${name}, you said: ${rest.length > LONGEST_ECHO ? `${rest.slice(0, LONGEST_ECHO)}…` : rest}`;
}
