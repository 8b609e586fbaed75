// Makes a peer of a library with the official client's API. Used by official.mjs and hubwire.mjs, so that both are
// configured alike: defaults throughout, logging of errors only.

/**
 * @typedef {object} Library
 * @property {new () => any} HubConnectionBuilder
 * @property {new () => any} Subject
 * @property {{ Error: number }} LogLevel
 * @property {Record<import("../types.mjs").TransportName, number>} HttpTransportType
 */

/**
 * @param {string} name
 * @param {string} version
 * @param {Library} library
 * @param {new () => object} MessagePackHubProtocol
 * @returns {import("../types.mjs").Peer}
 */
export function clientLibrary(name, version, library, MessagePackHubProtocol) {
  const { HubConnectionBuilder, Subject, LogLevel, HttpTransportType } = library;
  return {
    name,
    version,
    create(url, { encoding = "json", transport } = {}) {
      const builder = new HubConnectionBuilder().configureLogging(LogLevel.Error);
      if (transport === undefined) builder.withUrl(url);
      else builder.withUrl(url, { transport: HttpTransportType[transport] });
      if (encoding === "messagepack") builder.withHubProtocol(new MessagePackHubProtocol());
      return builder.build();
    },
    createUpload: () => new Subject(),
  };
}
