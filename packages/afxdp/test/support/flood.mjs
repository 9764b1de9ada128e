// Sends packets as fast as it can until it is killed. Usage: flood.mjs DEVICE FROM TO
import { ethernet } from "@afxdp/testkit";
import { afxdp } from "afxdp";

const [device, from, to] = process.argv.slice(2);
const packet = ethernet({ from, to });
const socket = await afxdp(device)
  .umem({ frameCount: 2048 })
  .fill(64)
  .completion(2048)
  .tx(2048)
  .open();
console.log("flooding");
for (;;) {
  for (let burst = 0; burst < 1000; burst++) {
    for (let i = 0; i < 256; i++) {
      const address = socket.allocate();
      if (address === -1) break;
      socket.bytes.set(packet, address);
      if (!socket.transmit(address, packet.length)) {
        socket.free(address);
        break;
      }
    }
    socket.flush();
  }
  await new Promise(setImmediate);
}
