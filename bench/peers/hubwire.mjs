// Our client, as built in dist and resolved the way users get it: through the package's own name.
import { clientLibrary } from "./client-library.mjs";

const [library, { MessagePackHubProtocol }] = await Promise.all([import("hubwire"), import("hubwire/msgpack")]).catch(
  (/** @type {unknown} */ cause) => {
    throw new Error("hubwire is not built: run `npm run build` first", { cause });
  },
);

export default clientLibrary("hubwire", `hubwire ${library.VERSION}`, library, MessagePackHubProtocol);
