import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createLab, ethernet, type Lab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { createLinuxKernel, type Socket } from "afxdp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { open } from "./support/open.js";

const VICTIM = fileURLToPath(new URL("./support/victim.mjs", import.meta.url));

describeOnKernel("however a process or Worker dies in the middle of traffic", () => {
  let lab: Lab;
  let sender: Socket;
  let traffic: NodeJS.Timeout;
  let leave: () => void;
  beforeAll(async () => {
    lab = createLab();
    leave = lab.b.enter();
    sender = await open({ ...lab, a: lab.b }, "tx");
    const packet = ethernet({ to: lab.a.mac, from: lab.b.mac });
    traffic = setInterval(() => {
      for (let i = 0; i < 16; i++) sender.send(packet);
    }, 1);
  });
  afterAll(async () => {
    clearInterval(traffic);
    await sender.close();
    leave();
    lab.close();
  });

  function start(way: string): { child: ChildProcess; said: (word: string) => Promise<void> } {
    const child = lab.a.spawn(process.execPath, [VICTIM, lab.a.device, way], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    const words = new Set<string>();
    lines.on("line", (line) => words.add(line));
    const said = async (word: string): Promise<void> => {
      while (!words.has(word)) {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${errors}`);
        await Promise.race([once(lines, "line"), once(child, "exit")]);
      }
    };
    return { child, said };
  }

  /** No program is attached, and the queue can be bound again within a second. */
  async function nothingIsLeft(): Promise<void> {
    const leaveB = lab.a.enter();
    try {
      const kernel = createLinuxKernel();
      expect(kernel.attachedProgram(kernel.interfaceState(lab.a.device).index)).toBeUndefined();
      await (await open(lab, "both", { busyTimeoutMs: 1000 })).close();
    } finally {
      leaveB();
    }
  }

  it.each(["SIGKILL", "SIGTERM", "SIGINT", "SIGABRT"] as const)("by %s", async (signal) => {
    const { child, said } = start("listen");
    await said("busy");
    const gone = once(child, "exit");
    child.kill(signal);
    expect(await gone).toEqual([null, signal]);
    await nothingIsLeft();
  });

  it.each([
    ["exit", 0],
    ["throw", 1],
    ["reject", 1],
  ] as const)("by itself: %s", async (way, status) => {
    const { child } = start(way);
    expect(await once(child, "exit")).toEqual([status, null]);
    await nothingIsLeft();
  });

  it("by forgetting the socket at its natural end", async () => {
    const { child } = start("natural");
    expect(await once(child, "exit")).toEqual([0, null]);
    await nothingIsLeft();
  });

  it.each(["listen", "run", "stuck"])(
    "a Worker terminated in %s, while its process lives on",
    async (way) => {
      const { child, said } = start(`worker-${way}`);
      await said("terminated");
      expect(child.exitCode).toBeNull();
      await nothingIsLeft();
      child.kill("SIGKILL");
    },
  );
});
