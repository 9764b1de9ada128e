import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the workspace. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** The oldest Node that works, from `engines` in package.json: `[major, minor]`. */
export const NODE_MINIMUM = manifest.engines.node.replace(/^>=/, "").split(".").map(Number);

/** The pnpm that the workspace is locked with, from `packageManager` in package.json. */
export const PNPM_VERSION = manifest.packageManager.replace(/^pnpm@/, "");

/** What `npm run demo` runs once everything is built, below the root. */
export const DEMO = "tools/demo/dist/main.js";

/** What `npm run conformance` runs once everything is built, below the root. */
export const CONFORMANCE = "tools/conformance/dist/main.js";

/** The Debian packages that the build, the demo and the tests need, and what for. */
export const DEBIAN_PACKAGES = {
  clang: "compiles the XDP programs",
  llvm: "strips them (llvm-strip)",
  "g++": "compiles the addon",
  make: "builds the addon",
  "pkg-config": "finds libbpf",
  "libbpf-dev": "linked into the addon",
  "libelf-dev": "linked into the addon, for libbpf",
  "zlib1g-dev": "linked into the addon, for libelf",
  "libuv1-dev": "uv_poll, by which the addon waits in Node's event loop",
  binutils: "inspects the addon",
  iproute2: "makes network namespaces and veth pairs",
  "iputils-ping": "sends known packets",
  ethtool: "sets queues and offloads",
  bpftool: "attaches foreign programs, lists what is left behind",
  strace: "compares the order of the system calls",
};
