/**
 * What tests on the real kernel need: a lab of two network namespaces joined by a veth pair, the rule for skipping
 * without privileges, and a count of what a process holds in the kernel.
 *
 * @packageDocumentation
 */
export { type BpfFs, mountBpfFs } from "./bpf-fs.js";
export { type Footprint, footprint } from "./footprint.js";
export type { Host } from "./host.js";
export { withHugePages } from "./huge-pages.js";
export { createLab, type Lab, type LabOptions } from "./lab.js";
export { bytesOf, EXPERIMENTAL, ethernet } from "./packets.js";
export { type Privilege, privileged } from "./privileged.js";
export { exchangeUdp, type UdpExchange } from "./udp-exchange.js";
