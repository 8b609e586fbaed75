/** What a Completion carries, with the numbers on the wire (HUB_PROTOCOL §4); used where MessagePack messages are read and written. */
export enum ResultKind {
  /** The text of an error follows. */
  Error = 1,
  /** Nothing follows. */
  Void = 2,
  /** A result follows, which may be nil. */
  Value = 3,
}
