// Makes a peer of a library with the official client's API. Used by official.mjs and hubwire.mjs, so that both are
// configured alike: defaults throughout, logging of errors only.

/**
 * @param {string} name
 * @param {string} version
 * @param {{ HubConnectionBuilder: new () => any, Subject: new () => any, LogLevel: { Error: number } }} library
 * @returns {import("../types.mjs").Peer}
 */
export function clientLibrary(name, version, { HubConnectionBuilder, Subject, LogLevel }) {
  return {
    name,
    version,
    create: (url) => new HubConnectionBuilder().withUrl(url).configureLogging(LogLevel.Error).build(),
    createUpload: () => new Subject(),
  };
}
