import { loadSteering, redirect } from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";
import { ethernet } from "./support/packets.js";
import { createVerdictRunner, REDIRECT } from "./support/verdicts.js";

const PACKETS = 400_000;

/** `count` rules of which only the one at `position` selects the test's packet. */
function listOf(count: number, position: number) {
  return Array.from({ length: count }, (_, index) =>
    redirect.udp({ port: index === position ? 9000 : 1 + index }),
  );
}

describeOnKernel("setRules puts a list in force all at once", () => {
  it("a packet that both lists select is never passed while one replaces the other", async () => {
    const kernel = createLinuxKernel();
    const runner = createVerdictRunner();
    const socket = kernel.socket();
    // Each list selects the packet by another entry, so that any mixture of two lists passes it.
    const lists = [listOf(64, 63), listOf(1, 0), listOf(64, 0), listOf(40, 20)];
    const program = loadSteering(kernel, { rules: listOf(64, 63), queues: 1 });
    try {
      program.enter(0, socket);
      let done = false;
      const judged = runner
        .judgeMeanwhile(program, [ethernet()], PACKETS)
        .finally(() => (done = true));
      let switches = 0;
      while (!done) {
        for (const list of lists) program.setRules(list);
        switches += lists.length;
        await new Promise(setImmediate);
      }
      const verdicts = await judged;
      expect(verdicts.length).toBe(PACKETS);
      expect(verdicts.filter((verdict) => verdict !== REDIRECT).length).toBe(0);
      expect(switches).toBeGreaterThan(100);
    } finally {
      program.close();
      kernel.close(socket);
      runner.remove();
    }
  });
});
