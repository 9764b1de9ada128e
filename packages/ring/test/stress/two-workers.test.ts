import { Worker } from "node:worker_threads";
import { layoutRing, type RingAudit } from "@afxdp/ring";
import { describe, expect, it } from "vitest";
import { ENTRY_SIZE, KINDS, type Kind } from "../support/pairs.js";

const COUNT = 150_000;
const SIZE = 64;

interface Report {
  readonly checksum: number;
  readonly mistakes: number;
  readonly audit: RingAudit;
}

function runPeer(role: string, kind: Kind, memory: SharedArrayBuffer, seed: number) {
  const workerData = {
    role,
    kind,
    memory,
    layout: layoutRing({ entries: SIZE, entrySize: ENTRY_SIZE[kind] }),
    count: COUNT,
    seed,
    deadlineMs: 25_000,
  };
  return new Promise<Report>((resolve, reject) => {
    const worker = new Worker(new URL("./peer.mjs", import.meta.url), { workerData });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`the ${role} ended without a report`)));
  });
}

describe.each(KINDS)("two Workers on the %s ring", (kind) => {
  it.each([0, 2 ** 31 - 1000, 2 ** 32 - 1000])(
    "pass every entry on, once and in order, from index %i",
    { timeout: 40_000 },
    async (start) => {
      const layout = layoutRing({ entries: SIZE, entrySize: ENTRY_SIZE[kind] });
      const memory = new SharedArrayBuffer(layout.byteLength);
      const words = new Int32Array(memory);
      words[layout.producer / 4] = start;
      words[layout.consumer / 4] = start;
      const [sent, taken] = await Promise.all([
        runPeer("producer", kind, memory, 1 + start),
        runPeer("consumer", kind, memory, 2 + start),
      ]);
      expect(taken.mistakes).toBe(0);
      expect(taken.checksum).toBe(sent.checksum);
      for (const { audit } of [sent, taken]) {
        expect(audit).toMatchObject({ ok: true, used: 0, own: (start + COUNT) >>> 0 });
      }
    },
  );
});
