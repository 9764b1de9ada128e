// Receives what an XDP program of one's own selects, and reads what it counts in a map of its own.
// Usage: node own-program.mjs INTERFACE own-program.o [PACKETS] (see own-program.bpf.c)
import { readFileSync } from "node:fs";
import { loadObject } from "@afxdp/bpf";
import { afxdp, createLinuxKernel, XdpProgramError } from "afxdp";

const [name = "eth0", path = "own-program.o", most = "10"] = process.argv.slice(2);
const kernel = createLinuxKernel();

// `.program({ object })` is enough when only the packets matter. To read its maps we load the program ourselves.
let program;
try {
  program = loadObject(kernel, { object: readFileSync(path) });
} catch (error) {
  if (error instanceof XdpProgramError) console.error(error.log); // what the verifier said
  throw error;
}
const { index } = kernel.interfaceState(name);
program.attach(index, name);

/** Reads one of the program's counters. */
function count(what) {
  const key = new Uint8Array(Uint32Array.of(what).buffer);
  const value = kernel.lookupMap(program.maps.counts, key);
  return Buffer.from(value).readBigUInt64LE();
}

// The socket enters the program's XSKMAP and leaves it again; the program stays ours.
const socket = await afxdp(name, { kernel })
  .umem({ frameCount: 1024 })
  .fill(512)
  .completion(512)
  .rx(512)
  .program(program)
  .open();
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());
console.log(`${program.name} is attached to ${name}`);

let packets = 0;
await socket.listen((batch) => {
  for (let i = 0; i < batch.count; i++) {
    console.log(Buffer.from(batch.packet(i)).toString("latin1", 42));
    packets++;
  }
  return packets < Number(most);
});
console.log(`${packets} sampled of ${count(1)} datagrams among ${count(0)} packets`);

await socket.close();
program.close(); // detaches it
