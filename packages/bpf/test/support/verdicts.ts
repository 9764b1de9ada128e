import { execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SteeringProgram } from "@afxdp/bpf";

/** What the program answers: XDP_PASS and XDP_REDIRECT of include/uapi/linux/bpf.h. */
export const PASS = 2;
export const REDIRECT = 4;

/** Runs a loaded program on packets, in the kernel, without sending any. */
export interface VerdictRunner {
  /** The program's answer for each packet, of 14 bytes or more, on a device's queue if that is given. */
  judge(
    program: Pick<SteeringProgram, "id">,
    packets: readonly Uint8Array[],
    on?: { readonly device: string; readonly queue: number },
  ): number[];
  /** The same `times` over, in another process, while this one goes on. */
  judgeMeanwhile(
    program: SteeringProgram,
    packets: readonly Uint8Array[],
    times: number,
  ): Promise<number[]>;
  remove(): void;
}

/** Compiles verdicts.c. */
export function createVerdictRunner(): VerdictRunner {
  const folder = mkdtempSync(join(tmpdir(), "afxdp-verdicts-"));
  const binary = join(folder, "verdicts");
  const source = join(import.meta.dirname, "verdicts.c");
  execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", binary, source]);
  return {
    judge(program, packets, on) {
      const input = withLengths(packets);
      const where = on === undefined ? [] : [on.device, String(on.queue)];
      const args = [String(program.id), "1", ...where];
      return [...execFileSync(binary, args, { input, maxBuffer: 1 << 24 })];
    },
    async judgeMeanwhile(program, packets, times) {
      const options: SpawnOptions = { stdio: ["pipe", "pipe", "inherit"] };
      const child = spawn(binary, [String(program.id), String(times)], options);
      const parts: Buffer[] = [];
      child.stdout?.on("data", (part: Buffer) => parts.push(part));
      child.stdin?.end(withLengths(packets));
      const [status] = await once(child, "close");
      if (status !== 0) throw new Error(`verdicts ended with ${status}`);
      return [...Buffer.concat(parts)];
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The packets one after the other, each behind its length. */
function withLengths(packets: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    packets.flatMap((packet) => [new Uint8Array(Uint32Array.of(packet.length).buffer), packet]),
  );
}
