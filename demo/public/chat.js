// The chat card: joins the room, shows who is here and what happens, and sends what is typed.
import { byId } from "./elements.js";
import { hubMessage } from "./hub-message.js";
import { MessageList } from "./message-list.js";
import { ownName, ownSecret, rememberName } from "./own-name.js";
import { personChip } from "./people.js";

export class Chat {
  #connection;
  #list = new MessageList(byId("messages"));
  #name = ownName();

  constructor(connection) {
    this.#connection = connection;
    byId("name").value = this.#name;
    connection.on("happened", (message) => this.#list.add(message));
    connection.on("present", (people) => this.#showPeople(people));
    byId("say-form").addEventListener("submit", (event) => this.#onSay(event));
    byId("name-form").addEventListener("submit", (event) => this.#onNameEntered(event));
    byId("name").addEventListener("change", () => this.#rename());
  }

  setUsable(isConnected) {
    byId("say").disabled = !isConnected;
  }

  /** Comes in, or comes back and catches up on what was said meanwhile. */
  async begin(limits) {
    byId("name").maxLength = limits.name;
    byId("text").maxLength = limits.text;
    this.#list.setOwnId(this.#connection.connectionId);
    const { me, messages } = await this.#connection.invoke("join", {
      name: this.#name,
      since: this.#list.lastId,
      secret: ownSecret,
    });
    this.#setName(me.name);
    for (const message of messages) this.#list.add(message);
  }

  async #onSay(event) {
    event.preventDefault();
    const input = byId("text");
    const text = input.value.trim();
    if (text === "" || byId("say").disabled) return;
    input.value = "";
    try {
      await this.#connection.invoke("say", text);
      this.#showError("");
    } catch (error) {
      // Nothing that was typed is lost.
      if (input.value === "") input.value = text;
      this.#showError(hubMessage(error));
    }
  }

  #onNameEntered(event) {
    event.preventDefault();
    byId("text").focus();
  }

  async #rename() {
    const wanted = byId("name").value.trim();
    try {
      if (wanted === "" || wanted === this.#name) return;
      this.#setName(await this.#connection.invoke("rename", wanted));
      this.#showError("");
    } catch (error) {
      this.#showError(hubMessage(error));
    } finally {
      byId("name").value = this.#name;
    }
  }

  #setName(name) {
    this.#name = name;
    rememberName(name);
    if (document.activeElement !== byId("name")) byId("name").value = name;
  }

  #showPeople(people) {
    byId("count").textContent = `${people.length} here`;
    byId("people").replaceChildren(...people.map(personChip));
  }

  #showError(text) {
    byId("chat-error").textContent = text;
  }
}
