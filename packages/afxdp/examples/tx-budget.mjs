// Sends bursts. In copy mode the kernel takes 32 packets per system call, or as many as the tx budget says: compare
// `node tx-budget.mjs eth0 32` with `node tx-budget.mjs eth0 512`.
// Usage: node tx-budget.mjs INTERFACE [BUDGET] [BURSTS]
import { networkInterfaces } from "node:os";
import { afxdp, createLinuxKernel, isXdpError } from "afxdp";

const [name = "eth0", budget = "512", bursts = "4"] = process.argv.slice(2);
const BURST = 512;

// The Kernel is an object like any other: this one counts the system calls that send.
const kernel = createLinuxKernel();
let busy = 0;
const counting = Object.create(kernel, {
  kickTx: {
    value(fd, times) {
      busy++;
      return kernel.kickTx(fd, times);
    },
  },
});

const rings = afxdp(name, { kernel: counting }).umem({ frameCount: 1024 }).fill(2).completion(1024);
