/** The duplex port between a session and whatever carries its chunks: a transport on either end, or a pair in memory. */
import type { Chunk, Encoded } from "../protocol/hub-protocol.js";

/** Gets what a connection delivers. Its methods must not throw. */
export interface ConnectionListener {
  /** A chunk arrived. Chunk boundaries mean nothing; bytes belong to the listener from then on. */
  onData(chunk: Chunk): void;
  /** The connection ended by itself: with an error, or `undefined` when the peer closed it cleanly. Called at most once. */
  onClosed(error: Error | undefined): void;
}

/** An open, ordered, reliable way to exchange chunks with one peer. */
export interface Connection {
  /** Who gets what arrives; may be replaced at any time, and takes effect from the next event. */
  listener: ConnectionListener;
  /** The transport sees by itself whether the peer is there (Long Polling): the session sends no pings and keeps no timeout. */
  readonly inherentKeepAlive: boolean;
  /** A send only counts when the peer has confirmed it (HTTP requests), so whoever sends waits for that. */
  readonly confirmsSends: boolean;
  /**
   * Hands over the next chunk. The caller waits for a returned promise before it sends again: that is the back-pressure.
   * @returns nothing when the chunk was taken at once, else a promise that rejects when it could not be delivered.
   */
  send(data: Encoded): Promise<void> | undefined;
  /** Holds what is sent, until {@link uncork} lets all of it go out in one piece. */
  cork?(): void;
  /** See {@link cork}. */
  uncork?(): void;
  /**
   * Ends the connection; what was sent before still goes out where the transport can. The listener hears nothing more.
   * @returns a promise that fulfils when everything is released, within a time that the transport bounds itself.
   */
  close(): Promise<void>;
  /** Drops the connection without a goodbye, which would tell the peer that no other one takes its place. Default: {@link close}. */
  terminate?: (() => void) | undefined;
}

/** Takes everything and delivers nothing: the connection of a session that waits for another one. */
export const NOWHERE: Connection = {
  listener: { onData: () => undefined, onClosed: () => undefined },
  inherentKeepAlive: true,
  confirmsSends: false,
  send: () => undefined,
  close: () => Promise.resolve(),
};
