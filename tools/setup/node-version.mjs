import { NODE_MINIMUM } from "./plan.mjs";
import { Stop } from "./stop.mjs";

/** Stops when this Node is older than the packages support. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  const [needMajor, needMinor] = NODE_MINIMUM;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new Stop(
    `This is Node ${version}; afxdp needs ${NODE_MINIMUM.join(".")} or later: https://nodejs.org/en/download`,
  );
}
