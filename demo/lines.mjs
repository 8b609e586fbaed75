// The sockets under each connection of the room, so that its hub can cut them, as a network does that fails for a moment.

/** How long nothing of a connection that was cut gets through. */
const OUTAGE_MS = 1_000;

/** Stands in front of the hub: sees its requests first. */
export class Lines {
  /** The sockets that are in use, by the connection token in their URL. It stays the same when a connection is resumed. */
  #sockets = new Map();
  #cut = new Set();

  /** Sees a request or an upgrade. Returns whether it gets through; if not, its socket is gone. */
  admit(request, end) {
    const token = tokenOf(request);
    if (token === null) return true;
    if (this.#cut.has(token)) {
      request.socket.destroy();
      return false;
    }
    const sockets = this.#sockets.get(token) ?? new Set();
    this.#sockets.set(token, sockets.add(request.socket));
    end.once("close", () => {
      sockets.delete(request.socket);
      if (sockets.size === 0 && this.#sockets.get(token) === sockets) this.#sockets.delete(token);
    });
    return true;
  }

  /** Destroys the sockets of the connection that was opened with this request, and all that it opens in the next second. */
  cut(opening) {
    const token = tokenOf(opening);
    // Without a negotiation there is no token, and nothing to come back to.
    if (token === null) return void opening.socket.destroy();
    this.#cut.add(token);
    setTimeout(() => this.#cut.delete(token), OUTAGE_MS).unref();
    for (const socket of this.#sockets.get(token) ?? []) socket.destroy();
  }
}

function tokenOf({ url }) {
  return new URLSearchParams(url.split("?")[1]).get("id");
}
