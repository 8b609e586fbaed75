// Reads files for the upload: in pieces that fit into a hub message, and as a whole for the hash.

/** In base64 this is 22 kB; hubs take messages of up to 32 kB. */
const PIECE_BYTES = 16 * 1024;
/** Arguments that one call of a function surely takes. */
const ARGUMENTS = 8 * 1024;

/** The pieces of a file, read one by one as the connection takes them: bytes in MessagePack, base64 in JSON, which knows no bytes. */
export async function* inPieces(file, encoding) {
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const bytes = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
    yield encoding === "json" ? toBase64(bytes) : bytes;
  }
}

/** The hash in hexadecimal; `undefined` where browsers offer none, which is on plain http. */
export async function sha256(file) {
  if (crypto.subtle === undefined) return undefined;
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += ARGUMENTS) {
    text += String.fromCharCode(...bytes.subarray(at, at + ARGUMENTS));
  }
  return btoa(text);
}
