// The card that shows what goes over the wire: how much, in what, and the latest message as it really looks.
import { byId } from "./elements.js";

/** Rates are means over this time. */
const WINDOW_MS = 2_000;
/** Faster than this nobody can read. */
const REFRESH_MS = 500;
/** More of a message does not fit on the card. */
const SHOWN = 160;

const downKinds = { WebSockets: "frame", ServerSentEvents: "event", LongPolling: "poll" };

export class WireMeter {
  #connection;
  #down = { name: "down", notes: [], latest: undefined };
  #up = { name: "up", notes: [], latest: undefined };

  constructor(connection, tap) {
    this.#connection = connection;
    tap.onTraffic = ({ isUp, data }) => this.#note(isUp ? this.#up : this.#down, data);
    connection.onChange(({ current }) => {
      if (current === "Connecting") this.#forget();
    });
    setInterval(() => this.#show(), REFRESH_MS);
  }

  #note(direction, data) {
    // Both ends count bytes, whatever it is they send.
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    direction.notes.push({ at: performance.now(), size: bytes.length });
    // A poll that brought nothing is no message.
    if (bytes.length > 0) direction.latest = bytes;
  }

  #forget() {
    for (const direction of [this.#down, this.#up]) Object.assign(direction, { notes: [], latest: undefined });
    this.#show();
  }

  #show() {
    const kind = downKinds[this.#connection.transport] ?? "frame";
    this.#showDirection(this.#down, kind);
    this.#showDirection(this.#up, kind === "frame" ? "frame" : "POST");
  }

  #showDirection(direction, kind) {
    const { name, latest } = direction;
    const since = performance.now() - WINDOW_MS;
    direction.notes = direction.notes.filter(({ at }) => at > since);
    const perSecond = direction.notes.length / (WINDOW_MS / 1_000);
    const bytes = direction.notes.reduce((sum, { size }) => sum + size, 0) / (WINDOW_MS / 1_000);
    byId(`${name}-rate`).textContent = `${Math.round(perSecond)} ${kind}s/s`;
    byId(`${name}-bytes`).textContent = `${inKilobytes(bytes)} kB/s`;
    byId(`${name}-latest`).textContent = latest === undefined ? "–" : asItLooks(latest, this.#connection.encoding);
    byId(`${name}-size`).textContent = latest === undefined ? "" : `${latest.length} bytes`;
  }
}

function inKilobytes(bytes) {
  return (bytes / 1_000).toFixed(bytes < 100_000 ? 1 : 0);
}

/** JSON as text, without the character that ends a message, for which fonts have no sign; bytes in hexadecimal. */
function asItLooks(bytes, encoding) {
  const start = bytes.subarray(0, SHOWN);
  if (encoding === "json") return new TextDecoder().decode(start).replaceAll("\u001e", " ");
  return Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
