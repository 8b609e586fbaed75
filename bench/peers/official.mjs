// The official JavaScript client and its MessagePack add-on, to compare with.
import * as library from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { clientLibrary } from "./client-library.mjs";

export default clientLibrary("official", `@microsoft/signalr ${library.VERSION}`, library, MessagePackHubProtocol);
