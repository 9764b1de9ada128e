import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { XdpError } from "@afxdp/core";
import type { Addon } from "./addon.js";
import { detectPlatform, prebuildPath } from "./platform.js";

let loaded: Addon | undefined;

/**
 * Loads the addon, once. Tried is the file that AFXDP_NATIVE_PATH names when that is set, and nothing else then;
 * otherwise this package's `prebuilds/OS-ARCH/afxdp.LIBC.node`. ERR_XDP_NATIVE_LOAD with what was tried, why it
 * failed and the cure when there is none. No other file loads native code.
 */
export function loadAddon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  const platform = detectPlatform();
  const here = `${platform.os}-${platform.arch} (${platform.libc}), Node ${process.version}`;
  const fail = (tried: string, reason: string, hint?: string, cause?: unknown): XdpError =>
    new XdpError(
      "ERR_XDP_NATIVE_LOAD",
      `The native addon could not be loaded on ${here}. Tried ${tried}: ${reason}.`,
      { ...(hint === undefined ? {} : { hint }), ...(cause === undefined ? {} : { cause }) },
    );
  const override = process.env.AFXDP_NATIVE_PATH;
  const path = override
    ? resolve(override)
    : fileURLToPath(new URL(`../${prebuildPath(platform)}`, import.meta.url));
  const tried = override ? `${path} (from AFXDP_NATIVE_PATH)` : path;
  if (platform.os !== "linux") {
    throw fail(tried, "AF_XDP exists on Linux only", "Run on Linux, or use @afxdp/sim.");
  }
  if (!existsSync(path)) {
    const unset = "Set AFXDP_NATIVE_PATH to an addon that exists, or unset it.";
    throw fail(tried, "there is no such file", override ? unset : undefined);
  }
  // Not require(), which would run a file of another name as JavaScript.
  const target = { exports: {} };
  try {
    process.dlopen(target, path);
    return target.exports as Addon;
  } catch (cause) {
    throw fail(tried, cause instanceof Error ? cause.message : String(cause), undefined, cause);
  }
}
