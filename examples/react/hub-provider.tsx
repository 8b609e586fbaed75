// Keeps a connection open while it is mounted, and hands it down. A file to copy; put your connection's type in.
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { HubConnectionState, type HubConnection } from "hubwire";
import type { PriceConnection } from "./price-hub.js";

const RETRY_DELAY_MS = 2_000;
const HubContext = createContext<PriceConnection | null>(null);

/** Starts the connection when it is mounted, again whenever it has ended, and stops it when it is unmounted. */
export function HubProvider({ connection, children }: { connection: PriceConnection; children: ReactNode }) {
  useEffect(() => {
    const life = new AbortController();
    void keepConnected(connection, life.signal);
    return () => life.abort();
  }, [connection]);
  return <HubContext.Provider value={connection}>{children}</HubContext.Provider>;
}

/** The connection of the provider above. */
export function useHub(): PriceConnection {
  const connection = useContext(HubContext);
  if (connection === null) throw new Error("useHub needs a HubProvider above it.");
  return connection;
}

async function keepConnected(connection: HubConnection, life: AbortSignal): Promise<void> {
  // The connection's earlier life may still be ending. And StrictMode mounts, unmounts and mounts again all at once:
  // the first of these lives is over when this has waited, and has started nothing.
  await disconnected(connection);
  if (life.aborted) return;
  life.addEventListener("abort", () => void connection.stop());
  while (!life.aborted) {
    await connection.start().catch(() => undefined); // the connection has logged why
    await disconnected(connection);
    await pause(RETRY_DELAY_MS, life);
  }
}

function disconnected(connection: HubConnection): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (connection.state !== HubConnectionState.Disconnected) return;
      forget();
      resolve();
    };
    const forget = connection.onStateChange(check);
    check();
  });
}

function pause(ms: number, life: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (life.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    life.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
