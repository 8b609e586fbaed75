// Adds the entries of other platforms' prebuilt binaries to package-lock.json, for `npm run lock`.
// A registry mirror may serve only its own platform; npm then drops the rest from the lock file, and `npm ci`
// refuses the result, there and on every other platform.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const operatingSystems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** The optional dependencies of locked packages that have no entry of their own, as `{ key, name, version }`. */
export function missingPlatforms(lock) {
  const missing = new Map();
  for (const [owner, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      if (lock.packages[key] || lock.packages[`${owner}/${key}`]) continue;
      missing.set(key, { key, name, version, dev: entry.dev === true });
    }
  }
  return [...missing.values()];
}

/** The lock entry of one prebuilt binary; its platform is read from the package's name. */
function platformEntry({ name, version, dev }) {
  const words = name.replace(/^@[^/]+\//, "").split("-");
  const os = operatingSystems.filter((candidate) => words.includes(candidate));
  const cpu = processors.filter((candidate) => words.includes(candidate));
  if (cpu.length !== 1 || os.length > 1 || !/^\d/.test(version)) {
    throw new Error(`${name}@${version} is not a prebuilt binary of one platform: add it to the lock file by hand`);
  }
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => word.startsWith("gnu"))
      ? ["glibc"]
      : [];
  return {
    version,
    cpu,
    ...(dev && { dev }),
    ...(libc.length > 0 && os[0] === "linux" && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

/** Returns a lock with every platform in it; entries that were there stay as they are. */
export function completeLock(lock) {
  const packages = { ...lock.packages };
  for (const missing of missingPlatforms(lock)) packages[missing.key] = platformEntry(missing);
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL("../package-lock.json", import.meta.url);
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const added = missingPlatforms(lock).length;
  if (added > 0) writeFileSync(file, `${JSON.stringify(completeLock(lock), null, 2)}\n`);
  console.log(
    added > 0 ? `package-lock.json: ${added} entries of other platforms added` : "package-lock.json is complete",
  );
}
