/** The entry `hubwire/msgpack`: the MessagePack encoding, for the client and for the server. Who uses JSON never loads it. */

export { MessagePackHubProtocol } from "./protocol/msgpack-hub-protocol.js";
export { ExtData, ExtensionCodec, type Extension, type RegisteringCodec } from "./protocol/msgpack-extensions.js";
export type { ExtensionCodecLike, ExtensionDataLike, MessagePackOptions } from "./protocol/msgpack-options.js";
export { VERSION } from "./platform/version.js";
