// What the parts of the limit expect of each other. Types only: importing this file runs nothing.

/**
 * One encoding. Messages are added to a chunk; ids are numbers, 0 for none.
 * @typedef {object} Codec
 * @property {string} handshake the request, record separator included
 * @property {(type: 1 | 4, id: number, target: string, args: unknown[], streamId: number) => void} call
 * @property {(streamId: number, item: unknown) => void} item
 * @property {(streamId: number) => void} complete
 * @property {() => string | Uint8Array} take the chunk, and a new one begins; bytes are good until the next message
 * @property {(data: any, receiver: Receiver) => void} read what a carrier delivers
 */

/**
 * @typedef {object} Receiver
 * @property {(target: string, args: unknown[]) => void} onCall
 * @property {(id: number, item: unknown) => void} onItem
 * @property {(id: number, result: unknown) => void} onCompletion
 */

/**
 * One transport.
 * @typedef {object} Carrier
 * @property {(handshake: string, receive: (data: Buffer | string) => void) => Promise<void>} open handshake included;
 *   delivers bytes, or text without its last separator
 * @property {(chunk: string | Uint8Array) => void} send
 * @property {() => Promise<void>} close
 */

export {};
