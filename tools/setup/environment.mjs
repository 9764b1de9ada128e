import { readFileSync } from "node:fs";
import { builderIdentity } from "./builder.mjs";
import { searchPath } from "./pnpm.mjs";
import { missingCapabilities } from "./privileges.mjs";

/** The environment of the tools: pnpm on the path, no telemetry, and what turbo's cache depends on. */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: searchPath(),
    AFXDP_HOST: describeHost(),
    AFXDP_PRIVILEGES: describePrivileges(),
    DO_NOT_TRACK: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
}

/** Options of `spawn` for a command that writes into the workspace. */
export function builderOptions() {
  const { home, ...identity } = builderIdentity();
  const env = toolEnvironment();
  if (home === undefined) return { env };
  // The npm that started us has put root's cache and prefix into npm_config_*.
  const own = Object.entries(env).filter(([key]) => !key.startsWith("npm_"));
  return { ...identity, env: { ...Object.fromEntries(own), HOME: home } };
}

/** What a test's skipping depends on. Under sudo the tests in turbo's cache run without privileges. */
function describePrivileges() {
  if (builderIdentity().uid !== undefined) return "none";
  const missing = missingCapabilities();
  return missing.length === 0 ? "all" : `without ${missing.join(" ")}`;
}

/** What a build or a unit test's result is good for: this system, processor and Node. */
function describeHost() {
  let system = process.platform;
  try {
    const release = readFileSync("/etc/os-release", "utf8");
    system = ["ID", "VERSION_ID"]
      .map((key) => new RegExp(`^${key}="?([^"\n]*)`, "m").exec(release)?.[1] ?? "")
      .join("-");
  } catch {
    // No os-release: the platform's name has to do.
  }
  return `${system} ${process.arch} node-${process.versions.node}`;
}
