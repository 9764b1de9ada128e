// Receives into huge pages, near the card, and lets another process read the packets: its memory has a descriptor, which
// a child process inherits.
// Usage: node huge-pages.mjs INTERFACE PORT [PACKETS]
import { spawnSync } from "node:child_process";
import { afxdp, redirect } from "afxdp";

const [name = "eth0", port = "9000", most = "1"] = process.argv.slice(2);

const socket = await afxdp(name)
  .umem({
    frameCount: 1024, // 1024 frames of 2048 bytes: one huge page
    memory: {
      hugePages: "2M", // with `required: true` ERR_XDP_HUGE_PAGES, instead of smaller pages, when there are none
      node: "interface", // of the NUMA node of the card, if it has one
      shared: true, // a memfd
    },
  })
  .fill(512)
  .completion(512)
  .rx(512)
  .program(redirect.udp({ port: Number(port) }))
  .open();

const { pageSize, requested, reason, node, memoryFd } = socket.memory;
const why = reason === undefined ? "" : ` instead of ${requested}: ${reason}`;
console.log(`pages of ${pageSize / 1024} KiB${why}`);
console.log(`NUMA node: ${node ?? "none"}`);
process.once("SIGINT", () => socket.close());
process.once("SIGTERM", () => socket.close());

/** What the other process runs: descriptor 3 is the memory, whose first byte is that of the first frame. */
const READER = `
  const [at, length] = process.argv.slice(1).map(Number);
  const packet = Buffer.alloc(length);
  require("node:fs").readSync(3, packet, 0, length, at);
  console.log("another process reads:", packet.toString("latin1", 42));`;

let packets = 0;
await socket.listen((batch) => {
  for (let i = 0; i < batch.count; i++) {
    // The frame is ours until the handler returns, and so is safe to read for as long.
    const place = [batch.address(i), batch.length(i)].map(String);
    spawnSync(process.execPath, ["-e", READER, ...place], {
      stdio: ["ignore", "inherit", "inherit", memoryFd],
    });
    packets++;
  }
  return packets < Number(most);
});
await socket.close();
console.log(`${packets} packets`);
