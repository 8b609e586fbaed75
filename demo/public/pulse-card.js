// The card with the chart: reads a stream of numbers from the hub, and starts it anew on each new connection. A connection
// that is resumed brings the numbers that were on their way, and they take their places in the curve.
import { Chart } from "./chart.js";
import { byId } from "./elements.js";

const INTERVAL_MS = 100;

export class PulseCard {
  #connection;
  #chart = new Chart(byId("chart"));
  #isWanted = true;
  #subscription;
  #received = 0;
  /** This page's time when the hub began to count its own, as near as is known. */
  #startedAt;

  constructor(connection) {
    this.#connection = connection;
    byId("pulse-toggle").addEventListener("click", () => this.#toggle());
    this.#showButton();
  }

  setUsable(isConnected) {
    byId("pulse-toggle").disabled = !isConnected;
  }

  begin() {
    if (this.#isWanted) this.#start();
  }

  #toggle() {
    this.#isWanted = !this.#isWanted;
    if (this.#isWanted) this.#start();
    else this.#stop();
    this.#showButton();
  }

  #start() {
    this.#chart.run();
    this.#startedAt = Infinity;
    this.#subscription = this.#connection.stream("pulse", INTERVAL_MS).subscribe({
      next: ([at, value]) => this.#onNumber(at, value),
      // The connection was lost. What comes next is not joined to what was: the curve has a gap.
      error: () => this.#chart.interrupt(),
      complete: () => this.#chart.interrupt(),
    });
  }

  /** Disposing the subscription ends the stream at the hub. */
  #stop() {
    this.#subscription?.dispose();
    this.#chart.interrupt();
    this.#chart.halt();
  }

  #onNumber(at, value) {
    // Messages are never early, so the earliest one is the nearest to the truth.
    this.#startedAt = Math.min(this.#startedAt, performance.now() - at);
    this.#chart.add(value, this.#startedAt + at);
    this.#received++;
    byId("pulse-now").textContent = value.toFixed(0);
    byId("pulse-count").textContent = String(this.#received);
  }

  #showButton() {
    byId("pulse-toggle").textContent = this.#isWanted ? "Stop" : "Start";
  }
}
