// The shapes that rows, peers and the harness share. Types only: importing this file runs nothing.

/**
 * A connection as the rows use it. The official client and hubwire have this shape already; the limit imitates it.
 * @typedef {object} BenchConnection
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop
 * @property {(target: string, handler: (...args: any[]) => void) => unknown} on
 * @property {(target: string, ...args: unknown[]) => Promise<any>} invoke
 * @property {(target: string, ...args: unknown[]) => Promise<void>} send
 * @property {(target: string, ...args: unknown[]) => { subscribe(observer: Observer): unknown }} stream
 */

/** @typedef {"WebSockets" | "ServerSentEvents" | "LongPolling"} TransportName */

/**
 * How a connection is made; what is left out is the client's default, which is WebSockets and JSON.
 * @typedef {object} How
 * @property {"json" | "messagepack"} [encoding]
 * @property {TransportName} [transport]
 */

/**
 * @typedef {object} Observer
 * @property {(item: any) => void} next
 * @property {(error: unknown) => void} error
 * @property {() => void} complete
 */

/**
 * The writing end of an upload stream.
 * @typedef {object} Upload
 * @property {(item: unknown) => void} next
 * @property {() => void} complete
 */

/**
 * A client under test.
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} version what is measured, for the report
 * @property {(url: string, how?: How) => BenchConnection} create a connection that is not started yet
 * @property {() => Upload} createUpload a stream to hand to `invoke` as an argument
 */

/**
 * What one round of a row found.
 * @typedef {object} Sample
 * @property {number} value in the row's unit, per operation
 * @property {number} [cpu] processor time of the whole client process, µs per operation
 */

/**
 * One line of a table, without what it does.
 * @typedef {object} RowFacts
 * @property {string} name
 * @property {number} target the highest acceptable ratio of hubwire to the limit
 * @property {"µs" | "KiB"} unit
 * @property {boolean} [freshProcess] true: every round gets a new process under test and no warm-up round (memory rows)
 * @property {number} [rounds] the most rounds that are worth their time for this row
 */

/**
 * A line of the clients' table.
 * @typedef {RowFacts & ClientWork} Row
 */

/**
 * @typedef {object} ClientWork
 * @property {(peer: Peer, ctx: import("./harness/context.mjs").RoundContext) => Promise<Sample>} run one round, checks included
 */

/**
 * A line of the servers' table; samples are the server's processor time, or its memory.
 * @typedef {RowFacts & ServerWork} ServerRow
 */

/**
 * @typedef {object} ServerWork
 * @property {(ctx: import("./load/context.mjs").LoadContext) => Promise<Sample>} run one round, checks included
 */

export {};
