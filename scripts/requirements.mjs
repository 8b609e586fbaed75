// Finds out which optional parts of the test suite this machine can run. Used before jest starts, once for all workers.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";

const DOTNET_SDK = 10;
const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const chromiumOnMac = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const firefoxNames = ["firefox-esr", "firefox"];
const firefoxOnMac = ["/Applications/Firefox.app/Contents/MacOS/firefox"];

/** For each requirement either the `path` of the program or the `missing` reason. */
export function detectRequirements() {
  return {
    dotnet: dotnet(),
    chromium: chromium(),
    firefox: firefox(),
    nginx: plain("nginx"),
    tinyproxy: plain("tinyproxy"),
    openssl: plain("openssl"),
    fullDisk: fullDisk(),
  };
}

function dotnet() {
  const program = onPath(["dotnet"]);
  if (program === undefined) return { missing: `dotnet is not on the PATH (install the .NET SDK ${DOTNET_SDK})` };
  const { stdout } = spawnSync(program, ["--list-sdks"], { encoding: "utf8" });
  const versions = (stdout ?? "").split("\n").map((line) => Number.parseInt(line, 10));
  if (versions.includes(DOTNET_SDK)) return { path: program };
  return { missing: `dotnet has no SDK of version ${DOTNET_SDK}` };
}

function chromium() {
  const chosen = process.env.CHROME_BIN;
  if (chosen) return isProgram(chosen) ? { path: chosen } : { missing: `CHROME_BIN names no program: ${chosen}` };
  const program = onPath(chromiumNames) ?? chromiumOnMac.find((file) => existsSync(file));
  if (program !== undefined) return { path: program };
  return { missing: "no Chromium or Chrome is on the PATH (install one, or set CHROME_BIN)" };
}

function firefox() {
  const chosen = process.env.FIREFOX_BIN;
  if (chosen) return isProgram(chosen) ? { path: chosen } : { missing: `FIREFOX_BIN names no program: ${chosen}` };
  const program = onPath(firefoxNames) ?? firefoxOnMac.find((file) => existsSync(file));
  if (program !== undefined) return { path: program };
  return { missing: "no Firefox is on the PATH (install one, or set FIREFOX_BIN)" };
}

/** A device whose every write fails with ENOSPC. */
function fullDisk() {
  const device = "/dev/full";
  return existsSync(device) ? { path: device } : { missing: `there is no ${device}, which only Linux has` };
}

function plain(name) {
  const program = onPath([name]);
  return program === undefined ? { missing: `${name} is not on the PATH (install it)` } : { path: program };
}

function onPath(names) {
  // Debian puts servers where only root's PATH finds them.
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin"];
  const suffix = process.platform === "win32" ? ".exe" : "";
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix))).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
