// Ends Workers at any moment of what they do in the addon, and says "survived". Usage: terminate-loop.mjs WHAT ROUNDS [OBJECT]
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createLinuxKernel } from "@afxdp/native";

const [what, rounds, object] = isMainThread ? process.argv.slice(2) : workerData;

if (isMainThread) {
  for (let round = 0; round < Number(rounds); round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: [what, rounds, object] });
    await new Promise((resolve) => worker.once("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    if (what === "exit" && round === Number(rounds) - 1) {
      console.log("survived");
      process.exit(0);
    }
    await worker.terminate();
  }
  console.log("survived");
} else {
  parentPort.postMessage("go");
  const kernel = createLinuxKernel();
  const bytes = object === undefined ? new Uint8Array(8) : readFileSync(object);
  while (what !== "create") {
    try {
      if (what === "interface") kernel.interfaceState("lo");
      else if (what === "type") kernel.kickTx({}, 1);
      else {
        const { program, maps } = kernel.loadProgram({ object: bytes });
        for (const fd of [program, ...Object.values(maps)]) kernel.close(fd);
      }
    } catch {
      // What the call answers does not matter here.
    }
  }
}
