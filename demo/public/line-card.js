// Shows the connection: its state, transport and encoding in the bar, its id and history in a card, and the button that cuts it.
import { byId, element } from "./elements.js";
import { encodings, transports } from "./wire-names.js";

const KEPT_CHANGES = 40;

export class LineCard {
  #connection;
  #changedAt = performance.now();
  #isUsable = false;

  constructor(connection) {
    this.#connection = connection;
    connection.onChange((change) => this.#onChange(change));
    // Over HTTP the request that asks for it is cut off as well.
    byId("cut").addEventListener("click", () => void connection.send("cut").catch(() => undefined));
  }

  setUsable(isUsable) {
    this.#isUsable = isUsable;
    this.#showButton();
  }

  #onChange({ previous, current, reason, recovered }) {
    const { transport, connectionId, encoding } = this.#connection;
    byId("state").dataset.state = current;
    byId("state").textContent = current.endsWith("ing") ? `${current}…` : current;
    byId("transport").textContent = transports[transport] ?? "–";
    byId("encoding").textContent = transport === undefined ? "–" : encodings[encoding];
    byId("connection-id").textContent = connectionId ?? "–";
    this.#showButton();

    const now = performance.now();
    const time = inWords(now - this.#changedAt);
    this.#changedAt = now;
    const over = `after ${time}, over ${transports[transport]}`;
    const details = {
      Connecting: `negotiating, in ${encodings[encoding]}`,
      Connected: previous === "Reconnecting" ? `a new connection ${over}` : `ready ${over}`,
      Resuming: "The socket is gone, the connection is not.",
      Reconnecting: reason?.message ?? "The hub closed the connection.",
      Disconnected: reason?.message ?? "",
    };
    if (recovered) this.#note("Resumed", `the same connection after ${time}, nothing lost`);
    // What follows on the way to another transport or encoding says it all.
    else if (current !== "Disconnecting") this.#note(current, details[current]);
  }

  #showButton() {
    byId("cut").disabled = !this.#isUsable || this.#connection.state !== "Connected";
  }

  #note(title, detail) {
    const timeline = byId("timeline");
    const entry = element(
      "li",
      {},
      element("b", {}, title),
      element("time", {}, new Date().toLocaleTimeString("en-GB")),
    );
    entry.dataset.state = this.#connection.state;
    if (detail !== "") entry.append(element("span", {}, detail));
    timeline.prepend(entry);
    timeline.scrollTop = 0;
    while (timeline.childElementCount > KEPT_CHANGES) timeline.lastElementChild.remove();
  }
}

function inWords(ms) {
  return ms < 950 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
