// The list of what happened in the room. Messages may come twice or late around a reconnect: each is shown once, in order.
import { element } from "./elements.js";
import { face } from "./people.js";

const KEPT_MESSAGES = 200;
const NEAR_END_PX = 80;

export class MessageList {
  /** Id of the latest message. */
  lastId = 0;
  #list;
  /** The ids that this page has had, one for each connection. */
  #ownIds = [];

  constructor(list) {
    this.#list = list;
  }

  /** From now on this id is the visitor's too; what they say stands on the right. */
  setOwnId(id) {
    this.#ownIds.push(id);
  }

  /** Shows a message in its place. */
  add(message) {
    const { id } = message;
    const list = this.#list;
    let before = null; // the entry that the message goes in front of
    for (
      let entry = list.lastElementChild;
      entry && Number(entry.dataset.id) >= id;
      entry = entry.previousElementSibling
    ) {
      if (Number(entry.dataset.id) === id) return;
      before = entry;
    }
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
    list.insertBefore(this.#entry(message), before);
    this.lastId = Math.max(this.lastId, id);
    if (list.childElementCount > KEPT_MESSAGES) list.firstElementChild.remove();
    if (wasAtEnd || this.#isOwn(message)) list.scrollTop = list.scrollHeight;
  }

  #entry(message) {
    const isOwn = this.#isOwn(message);
    const entry =
      message.event === "said"
        ? element("li", { className: isOwn ? "message mine" : "message" }, ...words(message))
        : element("li", { className: "notice" }, isOwn ? this.#ownNotice(message) : notice(message));
    entry.dataset.id = String(message.id);
    return entry;
  }

  #isOwn({ who }) {
    return this.#ownIds.includes(who.id);
  }

  #ownNotice({ event, who, text }) {
    switch (event) {
      case "joined":
        return this.#ownIds.length > 1 ? "You are back" : "You came in";
      case "left":
        return "You dropped out";
      case "renamed":
        return `You are ${who.name} now`;
      default:
        return `You sent ${text}`;
    }
  }
}

function words({ id, who, text }) {
  const time = new Date(id).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const by = element("p", { className: "by" }, element("b", {}, who.name), time);
  return [by, face(who), element("p", { className: "words" }, text)];
}

function notice({ event, who, text }) {
  switch (event) {
    case "joined":
      return `${who.name} came in`;
    case "left":
      return `${who.name} left`;
    case "renamed":
      return `${text} is ${who.name} now`;
    default:
      return `${who.name} sent ${text}`;
  }
}
