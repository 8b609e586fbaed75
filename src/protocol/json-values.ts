/** The part of the JSON encoding that belongs to the application: its functions for values, and where the values stand in a message. */
import { MessageType, type HubMessage } from "./messages.js";

/** Functions for values that JSON lacks, as `JSON.stringify` and `JSON.parse` take them; both optional. */
export interface JsonHubProtocolOptions {
  /**
   * Gets every argument, item and result that is written, and what they hold, and returns what stands for it: the second argument of
   * `JSON.stringify(value, replacer)`, called for each of those values alone. So `key` is `""` for an argument itself, and `this` is
   * what holds the value: before a `toJSON` of its own, as a `Date` has one, made something else of it.
   */
  replacer?: ((this: Record<string, unknown>, key: string, value: unknown) => unknown) | undefined;
  /**
   * Gets every argument, item and result that was read, innermost first, and returns what they become: the second argument of
   * `JSON.parse(text, reviver)`, called for the text of each of those values alone. `source` is the number or text as it was written,
   * where the runtime tells it.
   */
  reviver?:
    | ((
        this: Record<string, unknown>,
        key: string,
        value: unknown,
        context?: { readonly source?: string | undefined },
      ) => unknown)
    | undefined;
}

/** Reads one JSON text. */
type Parse = (text: string) => unknown;

/** The values of a message, read anew. @param record The text that the message was read from. */
export function withRevivedValues(message: HubMessage, record: string, revive: Parse): HubMessage {
  switch (message.type) {
    case MessageType.Invocation:
    case MessageType.StreamInvocation: {
      const values = elementsOf(memberOf(record, "arguments"));
      return { ...message, arguments: message.arguments.map((_, index) => revive(values[index] ?? "")) };
    }
    case MessageType.StreamItem:
      return { ...message, item: revive(memberOf(record, "item")) };
    case MessageType.Completion:
      return message.result === undefined ? message : { ...message, result: revive(memberOf(record, "result")) };
    default:
      return message;
  }
}

/** The text of a member; of several with that name the last one, which is the one that counts. */
function memberOf(record: string, name: string): string {
  let isWanted = false;
  let text = "";
  elementsOf(record).forEach((element, index) => {
    if (index % 2 === 0) isWanted = JSON.parse(element) === name;
    else if (isWanted) text = element;
  });
  return text;
}

/** What stands between the outermost commas and colons of a list or object that is not empty; its text must be valid. */
function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const mark = `"[{,:]}`.indexOf(text[i] ?? "");
    if (mark === 0) while (text[++i] !== '"') if (text[i] === "\\") i++;
    if (mark > 0 && depth === (mark < 3 ? 0 : 1)) {
      if (mark > 2) elements.push(text.slice(start, i));
      start = i + 1;
    }
    if (mark > 0) depth += mark < 3 ? 1 : mark < 5 ? 0 : -1;
  }
  return elements;
}
