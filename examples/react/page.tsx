// The page: live prices, and who bought what. Everything about the connection is in hub-hooks.ts and hub-provider.tsx.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { HubConnectionBuilder, HubConnectionState } from "hubwire";
import { useHubConnectionState, useHubEvent, useHubStream } from "./hub-hooks.js";
import { HubProvider, useHub } from "./hub-provider.js";
import type { PriceClient, PriceServer, Trade } from "./price-hub.js";

const CURRENCIES = ["EUR", "GBP", "JPY"];
const TRADES_SHOWN = 5;

const connection = new HubConnectionBuilder()
  .withUrl("/prices")
  .withAutomaticReconnect({ retryStart: true })
  .build<PriceServer, PriceClient>();

function App() {
  const [isOpen, setOpen] = useState(true);
  return (
    <main>
      <header>
        <h1>Live prices</h1>
        <Status />
        <button onClick={() => setOpen(!isOpen)}>{isOpen ? "Close" : "Open"}</button>
      </header>
      {isOpen ? (
        <HubProvider connection={connection}>
          <Desk />
        </HubProvider>
      ) : (
        <p className="card">Closed, and with it the connection.</p>
      )}
    </main>
  );
}

function Status() {
  const state = useHubConnectionState(connection);
  return (
    <output className="state" data-state={state}>
      {state}
    </output>
  );
}

function Desk() {
  const [currency, setCurrency] = useState("EUR");
  const [isWatching, setWatching] = useState(true);
  return (
    <>
      <nav aria-label="Currency">
        {CURRENCIES.map((name) => (
          <button key={name} aria-pressed={name === currency} onClick={() => setCurrency(name)}>
            {name}
          </button>
        ))}
        <label>
          <input type="checkbox" checked={isWatching} onChange={() => setWatching(!isWatching)} /> Watch
        </label>
      </nav>
      {isWatching && <Price currency={currency} />}
      <Trades />
    </>
  );
}

function Price({ currency }: { currency: string }) {
  const hub = useHub();
  const isConnected = useHubConnectionState(hub) === HubConnectionState.Connected;
  const { item: quote, error } = useHubStream(hub, "prices", currency);
  const buy = () => void hub.send("buy", currency).catch(console.warn);
  const drop = () => void hub.send("drop").catch(console.warn);
  return (
    <section className="card price" aria-label={`Price in ${currency}`} data-stale={!isConnected}>
      <p>
        <strong>{quote?.price.toFixed(2) ?? "–"}</strong> {currency}
      </p>
      <Curve values={quote?.recent ?? []} />
      {isConnected && error && <p role="alert">{error.message}</p>}
      <footer>
        <button className="primary" disabled={!isConnected} onClick={buy}>
          Buy one
        </button>
        <button disabled={!isConnected} onClick={drop}>
          Drop my connection
        </button>
      </footer>
    </section>
  );
}

function Curve({ values }: { values: readonly number[] }) {
  const lowest = Math.min(...values);
  const height = Math.max(...values) - lowest || 1;
  const points = values.map((value, index) => `${index},${1 - (value - lowest) / height}`).join(" ");
  return (
    <svg viewBox={`0 -0.1 ${Math.max(values.length - 1, 1)} 1.2`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}

function Trades() {
  const [trades, setTrades] = useState<readonly Trade[]>([]);
  useHubEvent(useHub(), "Traded", (trade) => setTrades((before) => [trade, ...before].slice(0, TRADES_SHOWN)));
  return (
    <section className="card" aria-label="Trades">
      <h2>Bought, by anybody</h2>
      {trades.length === 0 && <p className="hint">Nothing yet. Open a second tab to see what others buy.</p>}
      <ol>
        {trades.map(({ id, currency, price }) => (
          <li key={id}>
            One item <b>{`${price.toFixed(2)} ${currency}`}</b>
          </li>
        ))}
      </ol>
    </section>
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root.");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
