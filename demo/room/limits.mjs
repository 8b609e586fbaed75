// How much one visitor of the room may ask for. The hub enforces these; the page asks for them and shows them.

export const limits = {
  /** Characters of a name. */
  name: 24,
  /** Characters of a visitor's secret. */
  secret: 64,
  /** Characters of a message. */
  text: 500,
  /** Messages that the room remembers. */
  history: 50,
  /** Bytes of an uploaded file. */
  upload: 8 * 1024 * 1024,
  /** Characters of a file name. */
  fileName: 80,
};
