/**
 * Compiles every NAME.bpf.c of a folder and writes its bytes to NAME.ts in another, so that users of the package need
 * neither clang nor a file on disk. Part of `npm run build` in packages/bpf and tools/conformance.
 *
 *   node tools/bpf/embed.mjs [SOURCES TARGET]     folders from the repository's root; by default those of packages/bpf
 *
 * Environment: CLANG (default `clang`) and LLVM_STRIP (default: the one of the same version).
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const [sources = "bpf", target = "packages/bpf/src/generated"] = process.argv.slice(2);
const SOURCES = join(ROOT, sources);
const TARGET = join(ROOT, target);
const SUFFIX = ".bpf.c";

const { CLANG: clang = "clang", LLVM_STRIP: stripOfUser } = process.env;
const strip = stripOfUser ?? clang.replace(/clang(?=[^/]*$)/, "llvm-strip");

/** Says what failed, and how to get what is missing, without a stack trace that helps nobody. */
function fail(message) {
  console.error(`embed: ${message}`);
  console.error("embed: needs clang, llvm and libbpf's headers, 14 and 1.0 or later.");
  console.error("embed: on Debian and Ubuntu: apt-get install clang llvm libbpf-dev");
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", ...options });
  if (result.error !== undefined) {
    fail(
      result.error.code === "ENOENT"
        ? `${command} is not installed.`
        : `${command}: ${result.error.message}.`,
    );
  }
  if (result.status !== 0) fail(`${command} failed:\n${result.stderr}`);
  return result;
}

/** The folders of the host's C headers: the BPF target does not look for its <asm/types.h> by itself. */
function systemIncludes() {
  const { stderr } = run(clang, ["-E", "-v", "-x", "c", "-"], { input: "" });
  const listed = /search starts here:\n(.*?)End of search list/s.exec(stderr)?.[1] ?? "";
  return listed
    .split("\n")
    .filter((line) => line.startsWith(" /"))
    .flatMap((line) => ["-idirafter", line.trim()]);
}

/**
 * Compiles one source to the bytes of an object that does not depend on where this tree lies: sources are named by
 * their path in the repository, and the debug sections, which libbpf does not read, are cut off. BTF stays.
 */
function compile(source, object, includes) {
  const flags = ["-target", "bpf", "-mcpu=v2", "-O2", "-g", "-Wall", "-Wextra", "-Werror"];
  const paths = [`-fdebug-prefix-map=${SOURCES}=${sources}`, ...includes];
  run(clang, [...flags, ...paths, "-c", source, "-o", object], { cwd: SOURCES });
  run(strip, ["-g", object]);
  return readFileSync(object);
}

/** `steer-hints` to `steerHints`. */
const camel = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());

function moduleOf(name, bytes) {
  return `// Made from ${sources}/${name}${SUFFIX} by tools/bpf/embed.mjs.

const HEX =
  "${bytes.toString("hex")}";

/** The BPF ELF object of ${sources}/${name}${SUFFIX}: fresh bytes at every call. */
export function ${camel(name)}Object(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(HEX.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
`;
}

const scratch = mkdtempSync(join(tmpdir(), "afxdp-embed-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const includes = systemIncludes();
mkdirSync(TARGET, { recursive: true });
for (const source of readdirSync(SOURCES).filter((file) => file.endsWith(SUFFIX))) {
  const name = source.slice(0, -SUFFIX.length);
  const text = moduleOf(name, compile(source, join(scratch, `${name}.o`), includes));
  const file = join(TARGET, `${name}.ts`);
  // An unchanged file keeps its time, and `tsc -b` has nothing to do.
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}
