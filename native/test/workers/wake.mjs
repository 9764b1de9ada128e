import { parentPort } from "node:worker_threads";
import { createLinuxKernel } from "@afxdp/native";

// Writes a waker that another thread made, then says so.
parentPort?.once("message", ({ waker, shared }) => {
  createLinuxKernel().wake(waker);
  Atomics.store(shared, 0, 1);
  Atomics.notify(shared, 0);
});
