import { parentPort, workerData } from "node:worker_threads";
import { createLinuxKernel } from "@afxdp/native";
import { makeArena } from "../by-hand.mjs";

/** Maps a huge page over an arena of its own, touches it, and keeps it to the end of the thread. */
const { size } = workerData;
const kernel = createLinuxKernel();
const arena = makeArena(2 * size);
const offset = kernel.alignmentOffset(arena, size);
kernel.mapMemory(arena, offset, size, -1, size);
kernel.promiscuous(1);
kernel.openLinkMonitor();
kernel.createMemory("held", 65536, 0);
arena[offset] = 5;
parentPort.postMessage({ arena, offset });
setInterval(() => {}, 1000);
