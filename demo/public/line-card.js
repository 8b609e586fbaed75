// Shows the connection: its state, transport and id in the bar, its history in a card, and the button that cuts it.
import { byId, element } from "./elements.js";

const KEPT_CHANGES = 40;

export class LineCard {
  #connection;
  #changedAt;

  constructor(connection) {
    this.#connection = connection;
    connection.onStateChange((change) => this.#onChange(change));
    byId("cut").addEventListener("click", () => void connection.send("cut"));
  }

  setUsable(isConnected) {
    byId("cut").disabled = !isConnected;
  }

  #onChange({ previous, current, reason }) {
    const { transport, connectionId } = this.#connection;
    const isUnderWay = current.endsWith("ing");
    byId("state").dataset.state = current;
    byId("state").textContent = isUnderWay ? `${current}…` : current;
    byId("transport").textContent = transport ?? "–";
    byId("connection-id").textContent = connectionId ?? "–";

    const now = performance.now();
    const after = this.#changedAt === undefined ? "" : ` after ${((now - this.#changedAt) / 1_000).toFixed(1)} s`;
    this.#changedAt = now;
    const details = {
      Connecting: "negotiating, opening the WebSocket",
      Connected: `${previous === "Reconnecting" ? "again" : "ready"}${after}, over ${transport}`,
      Reconnecting: reason?.message ?? "The hub closed the connection.",
      Disconnected: reason?.message ?? "",
    };
    this.#note(current, details[current] ?? "");
  }

  #note(state, detail) {
    const timeline = byId("timeline");
    const entry = element(
      "li",
      {},
      element("b", {}, state),
      element("time", {}, new Date().toLocaleTimeString("en-GB")),
    );
    entry.dataset.state = state;
    if (detail !== "") entry.append(element("span", {}, detail));
    timeline.prepend(entry);
    timeline.scrollTop = 0;
    while (timeline.childElementCount > KEPT_CHANGES) timeline.lastElementChild.remove();
  }
}
