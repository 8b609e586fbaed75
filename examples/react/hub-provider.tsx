// Keeps a connection open while it is mounted, and hands it down. A file to copy; put your connection's type in.
import { createContext, useContext, useEffect, type ReactNode } from "react";
import type { PriceConnection } from "./price-hub.js";

const HubContext = createContext<PriceConnection | null>(null);

/** Starts the connection when it is mounted, and stops it when it is unmounted. What fails or breaks, the connection tries again by itself. */
export function HubProvider({ connection, children }: { connection: PriceConnection; children: ReactNode }) {
  useEffect(() => {
    let isMounted = true;
    const start = async () => {
      // The connection's earlier life may still be ending. And StrictMode mounts, unmounts and mounts again all at once:
      // the first of these lives is over when this has waited, and has started nothing.
      await connection.stop();
      if (isMounted) await connection.start();
    };
    start().catch((error: unknown) => isMounted && console.error(error)); // failed for good
    return () => {
      isMounted = false;
      void connection.stop();
    };
  }, [connection]);
  return <HubContext.Provider value={connection}>{children}</HubContext.Provider>;
}

/** The connection of the provider above. */
export function useHub(): PriceConnection {
  const connection = useContext(HubContext);
  if (connection === null) throw new Error("useHub needs a HubProvider above it.");
  return connection;
}
