import { createLinuxKernel } from "@afxdp/native";

// Leaves a little of everything that the end of a thread must clean up.
const kernel = createLinuxKernel();
const fd = kernel.socket();
kernel.watch(fd, 1, () => {});
kernel.watch(kernel.socket(), 4, () => {}).stop();
kernel.createWaker();
process.exit(0);
