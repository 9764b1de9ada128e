import { parentPort, workerData } from "node:worker_threads";
import { createLinuxKernel } from "@afxdp/native";
import { openByHand, whileBusy } from "../by-hand.mjs";

// Opens a whole socket with a program attached and a watch running, never closes any of it, and then does what
// it was made for until somebody ends it.
const { interfaceIndex, object, then, begun } = workerData;
const kernel = createLinuxKernel();
const { fd, arena } = whileBusy(() => openByHand(kernel, interfaceIndex));
const { program, maps } = kernel.loadProgram({ object });
kernel.enterXskMap(maps.xsks_map, 0, fd);
const link = kernel.attachProgram(program, interfaceIndex, 4);
kernel.watch(fd, 1, () => {});

// Told in a message, so that whoever listens for the end does so before it comes.
parentPort?.once("message", () => {
  if (then === "listen") {
    kernel.watch(fd, 4, () => {
      Atomics.store(begun, 0, 1);
      for (;;);
    });
    return;
  }
  Atomics.store(begun, 0, 1);
  if (then === "spin") for (;;);
  if (then === "wait") for (;;) kernel.wait(fd, 1, 100, -1);
  if (then === "throw") throw new Error("as told");
  if (then === "exit") process.exit(3);
});
parentPort?.postMessage({ fds: { fd, program, link }, arena });
