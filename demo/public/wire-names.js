// What transports and encodings are called on the page, by their names in the API.

/** The transports; `Automatic` is what the page calls having no preference. */
export const transports = {
  Automatic: "Automatic",
  WebSockets: "WebSockets",
  ServerSentEvents: "Server-Sent Events",
  LongPolling: "Long Polling",
};

/** The encodings, by the names that the handshake sends. */
export const encodings = { json: "JSON", messagepack: "MessagePack" };
