import { loadSteering, redirect } from "@afxdp/bpf";
import { createLinuxKernel } from "@afxdp/native";

// Loads and attaches the steering program, prints its id, and waits to be killed.
// Usage: attach-and-wait.mjs DEVICE OPTIONS PINS; options of `attach` and paths of `pin` as JSON.
const [device, options, pins] = process.argv.slice(2);
const kernel = createLinuxKernel();
const program = loadSteering(kernel, { rules: redirect.all(), queues: 1 });
if (pins !== undefined) program.pin(JSON.parse(pins));
program.attach(kernel.interfaceState(device).index, device, JSON.parse(options));
console.log(program.id);
setInterval(() => undefined, 60_000);
