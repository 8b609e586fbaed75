/** Opens event streams with `fetch`: in browsers, and in Node when the user injects a `fetch`. Unlike `EventSource` it can send headers. */
import { onAbort, withAbort } from "../common/abort-scope.js";
import { credentialsOf, withoutUser } from "./fetch-http-client.js";
import { streamProblem, type OpenStream, type StreamListener } from "./open-stream.js";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Makes {@link OpenStream} of `fetch`. @param fetcher Used instead of the global one, which is looked up at each request. */
export function fetchStreams(fetcher?: typeof fetch): OpenStream {
  return async ({ url, headers, withCredentials, signal }, listener) => {
    const controller = new AbortController();
    const close = () => controller.abort();
    const release = onAbort(signal, close);
    const open = async () => {
      const response = await (fetcher ?? fetch)(withoutUser(url), {
        headers,
        cache: "no-store",
        credentials: credentialsOf(withCredentials),
        signal: controller.signal,
      });
      const problem = streamProblem(response.status, response.statusText, response.headers.get("Content-Type"));
      if (problem) throw problem;
      const reader = response.body?.getReader();
      const first = await reader?.read();
      if (!reader || !first || first.done) throw new Error("The event stream is empty.");
      return () => void pump(reader, first.value, listener);
    };
    try {
      const start = await withAbort(open(), signal);
      start();
      return close;
    } catch (error) {
      close();
      throw error;
    } finally {
      release();
    }
  };
}

async function pump(reader: Reader, first: Uint8Array, listener: StreamListener): Promise<void> {
  try {
    for (let value: Uint8Array | undefined = first; value; { value } = await reader.read()) listener.onBytes(value);
    listener.onEnd();
  } catch (error) {
    listener.onEnd(error);
  }
}
