/** A stream source for tests of who reads it, and until when. */

/** A source that tells whether it is still read. */
export function watchedSource() {
  const state = { subscribed: 0 };
  return {
    state,
    subscribe: () => {
      state.subscribed++;
      return { dispose: () => void state.subscribed-- };
    },
  };
}
