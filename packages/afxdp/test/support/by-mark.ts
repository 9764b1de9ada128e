import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Fd, type Kernel, XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE } from "@afxdp/core";
import type { ReadySocket } from "@afxdp/driver";

const SOURCE = fileURLToPath(new URL("../programs/by-mark.bpf.c", import.meta.url));
const MULTIARCH = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

let object: Uint8Array | undefined;

/** Compiles the program, once. */
function compiled(): Uint8Array {
  if (object !== undefined) return object;
  const directory = mkdtempSync(join(tmpdir(), "afxdp-by-mark-"));
  try {
    const path = join(directory, "by-mark.o");
    const flags = ["-O2", "-g", "-Wall", "-Werror", "-target", "bpf"];
    const headers = ["-isystem", `/usr/include/${MULTIARCH}`];
    execFileSync("clang", [...flags, ...headers, "-c", SOURCE, "-o", path]);
    object = readFileSync(path);
    return object;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The program `by-mark` on an interface: which socket of several on it gets a packet, the packet says. */
export class ByMark {
  readonly #kernel: Kernel;
  readonly #fds: Fd[];
  readonly #map: Fd;

  constructor(kernel: Kernel, interfaceIndex: number, mode: "skb" | "drv") {
    this.#kernel = kernel;
    const { program, maps } = kernel.loadProgram({ object: compiled() });
    const { xsks_map: map } = maps as { xsks_map: Fd };
    this.#map = map;
    const flags = mode === "skb" ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
    this.#fds = [map, program];
    try {
      this.#fds.unshift(kernel.attachProgram(program, interfaceIndex, flags));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Packets with this mark go to a socket from now on, until it is closed. */
  enter(mark: number, { sequence, fd }: ReadySocket): void {
    const kernel = this.#kernel;
    const map = this.#map;
    sequence.perform("program", () => undefined);
    sequence.perform(
      "xskmap",
      () => kernel.enterXskMap(map, mark, fd),
      () => () => kernel.leaveXskMap(map, mark),
    );
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) this.#kernel.close(fd);
  }
}

/** Where the mark is in a packet. */
export const MARK_AT = 14;
