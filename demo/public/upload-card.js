// The upload card: streams a file to the hub piece by piece, shows what has arrived, and compares the two hashes.
import { byId } from "./elements.js";
import { inPieces, sha256 } from "./file-pieces.js";
import { hubMessage } from "./hub-message.js";

const SAMPLE_BYTES = 2_000_000;

export class UploadCard {
  #connection;
  #limit = SAMPLE_BYTES;
  #isConnected = false;
  /** `{ id, size }` while there is one. */
  #current;
  #number = 0;

  constructor(connection) {
    this.#connection = connection;
    connection.on("uploadProgress", (id, bytes) => this.#onProgress(id, bytes));
    byId("sample").addEventListener("click", () => void this.#send(noise(SAMPLE_BYTES)));
    byId("file").addEventListener("change", () => {
      const [file] = byId("file").files;
      if (file) void this.#send(file);
      byId("file").value = ""; // so that the same file can be chosen again
    });
  }

  setUsable(isConnected) {
    this.#isConnected = isConnected;
    this.#showButtons();
  }

  begin(limits) {
    this.#limit = limits.upload;
  }

  async #send(file) {
    const id = ++this.#number;
    this.#reset(file.name);
    if (file.size > this.#limit) return this.#judge(false, `Files may have up to ${megabytes(this.#limit)} here`);
    this.#current = { id, size: file.size };
    this.#showButtons();
    this.#onProgress(id, 0);
    try {
      const here = sha256(file);
      byId("hash-here").textContent = (await here) ?? "needs https or localhost";
      const pieces = inPieces(file, this.#connection.encoding);
      const there = await this.#connection.invoke("upload", { id, name: file.name.slice(-80) }, pieces);
      this.#onProgress(id, there.size);
      this.#compare(await here, there, file.size);
    } catch (error) {
      this.#judge(false, hubMessage(error));
    }
    this.#current = undefined;
    this.#showButtons();
  }

  #compare(here, there, size) {
    byId("hash-there").textContent = there.sha256;
    if (there.size !== size) this.#judge(false, `Only ${megabytes(there.size)} arrived`);
    else if (here === undefined) this.#judge(true, "All of it arrived");
    else if (here === there.sha256) this.#judge(true, "The hashes match");
    else this.#judge(false, "The hashes differ");
  }

  #reset(name) {
    byId("upload-what").textContent = name;
    byId("upload-share").textContent = "";
    byId("upload-progress").value = 0;
    byId("hash-here").textContent = "–";
    byId("hash-there").textContent = "–";
    this.#judge(undefined, "Sending …");
  }

  /** The hub says how much it has; what only left this page does not count. */
  #onProgress(id, bytes) {
    if (this.#current?.id !== id) return;
    const { size } = this.#current;
    byId("upload-progress").value = size === 0 ? 1 : bytes / size;
    byId("upload-share").textContent = `${megabytes(bytes)} of ${megabytes(size)}`;
  }

  #judge(isGood, text) {
    byId("upload-verdict").dataset.good = String(isGood);
    byId("upload-verdict").textContent = text;
  }

  #showButtons() {
    const isBusy = this.#current !== undefined;
    for (const id of ["file", "sample"]) byId(id).disabled = isBusy || !this.#isConnected;
  }
}

/** Something to send for those who have no file at hand. */
function noise(size) {
  const bytes = new Uint8Array(size);
  // The most that one call fills.
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  return new File([bytes], "noise.bin");
}

function megabytes(bytes) {
  return bytes < 100_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
