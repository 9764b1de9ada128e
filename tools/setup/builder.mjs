import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { ROOT } from "./plan.mjs";

/**
 * The identity for everything that writes into the workspace, as options of `spawn`.
 *
 * Under sudo that is the user who owns the clone, or their next run without sudo could not
 * write to what root has built.
 */
export function builderIdentity(env = process.env) {
  const uid = Number(env.SUDO_UID ?? 0);
  if (process.getuid?.() !== 0 || uid === 0 || statSync(ROOT).uid !== uid) return {};
  const entry = execFileSync("getent", ["passwd", String(uid)], { encoding: "utf8" }).split(":");
  return { uid, gid: Number(entry[3]), home: entry[5] };
}
