// Listens in on a connection: the client is given a WebSocket and a fetch that pass everything on and tell what they
// carry. For the page's meter only; it changes nothing.

export class WireTap {
  /** Told of each message up or down: `{ isUp, data }`, data being text or bytes. */
  onTraffic = () => undefined;
  /** Told when a WebSocket breaks. */
  onSocketBroken = () => undefined;

  /** The options for `withUrl`. */
  get options() {
    const note = (isUp, data) => this.onTraffic({ isUp, data });
    const onClose = ({ wasClean }) => wasClean || this.onSocketBroken();
    return {
      WebSocket: class extends WebSocket {
        constructor(url) {
          super(url);
          this.addEventListener("message", ({ data }) => note(false, data));
          this.addEventListener("close", onClose);
        }

        send(data) {
          note(true, data);
          super.send(data);
        }
      },
      fetch: async (url, request) => {
        const isOfConnection = new URL(url).searchParams.has("id");
        if (isOfConnection && request.method === "POST") note(true, request.body);
        const response = await fetch(url, request);
        if (isOfConnection && isGet(request)) void readAlong(response.clone(), (data) => note(false, data));
        return response;
      },
    };
  }
}

function isGet({ method = "GET" }) {
  return method === "GET";
}

/** Reads a copy of an answer: a stream of events while it comes, the answer to a poll as a whole. */
async function readAlong(response, note) {
  try {
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      return note(await response.arrayBuffer());
    }
    const text = response.body.pipeThrough(new TextDecoderStream());
    let rest = "";
    for (const reader = text.getReader(); ;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\r\n\r\n");
      rest = events.pop();
      for (const event of events) if (event.startsWith("data: ")) note(event.slice("data: ".length));
    }
  } catch {
    // The connection has ended, and the client knows it.
  }
}
