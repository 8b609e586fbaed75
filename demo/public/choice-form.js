// The form in which visitors pick the transport, the encoding and stateful reconnect; each change is used at once.
import { byId } from "./elements.js";

const KEY = "hubwire-demo-wire";

const descriptions = {
  Automatic: "WebSockets if they get through, else Server-Sent Events, else Long Polling.",
  WebSockets: "One socket for both ways, text or binary.",
  ServerSentEvents: "One answer that never ends, and a POST for what you send. Text only, so no MessagePack.",
  LongPolling: "A GET that waits for news, again and again, and a POST for what you send.",
};
const AUTOMATIC_BINARY = "WebSockets if they get through, else Long Polling. Server-Sent Events carry no MessagePack.";
const BINARY = "MessagePack is binary, so Server-Sent Events cannot carry it.";

export class ChoiceForm {
  #form = byId("choice");
  #onChoice;

  /** @param onChoice Called with the choice, at first with the one that is remembered for this tab. */
  constructor(onChoice) {
    this.#onChoice = onChoice;
    const { transport, encoding, isStateful } = remembered();
    const { elements } = this.#form;
    elements.transport.value = transport;
    elements.encoding.value = encoding;
    elements.stateful.checked = isStateful;
    this.#form.addEventListener("change", () => this.#choose());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#choose();
  }

  #choose() {
    const { elements } = this.#form;
    const transport = elements.transport.value;
    const encoding = elements.encoding.value;
    const canResume = transport === "Automatic" || transport === "WebSockets";
    byId("use-events").disabled = encoding === "messagepack";
    byId("use-messagepack").disabled = transport === "ServerSentEvents";
    elements.stateful.disabled = !canResume;
    byId("stateful-hint").textContent = canResume ? "A cut loses nothing" : "Needs WebSockets";
    byId("choice-hint").textContent = describe(transport, encoding);
    const wanted = { transport, encoding, isStateful: elements.stateful.checked };
    sessionStorage.setItem(KEY, JSON.stringify(wanted));
    this.#onChoice({ ...wanted, isStateful: wanted.isStateful && canResume });
  }
}

function describe(transport, encoding) {
  if (encoding === "json" || transport === "LongPolling") return descriptions[transport];
  return transport === "Automatic" ? AUTOMATIC_BINARY : BINARY;
}

function remembered() {
  const first = { transport: "Automatic", encoding: "json", isStateful: false };
  return { ...first, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
}
