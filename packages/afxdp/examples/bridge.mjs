// Joins two interfaces like a cable: each packet leaves by the one out of the frame in which it came in by the other.
// Nothing is copied by this program, because both sockets have one packet memory (UMEM).
// Usage: node bridge.mjs INTERFACE INTERFACE [PACKETS]
import { afxdp, redirect } from "afxdp";

const [left = "eth0", right = "eth1", most = "Infinity"] = process.argv.slice(2);

// The first socket makes the memory. `sharers` leaves room in it for the rings of one socket more.
const a = await afxdp(left)
  .umem({ frameCount: 8192, sharers: 1 })
  .fill(2048)
  .completion(2048)
  .rx(2048)
  .tx(2048)
  .program(redirect.all())
  .open({ promiscuous: true }); // so that the card takes packets for others than itself, too

// The second uses it. It is on another interface, so it has a fill and a completion ring of its own.
const b = await afxdp(right)
  .shareUmem(a)
  .fill(2048)
  .completion(2048)
  .rx(2048)
  .tx(2048)
  .program(redirect.all())
  .open({ promiscuous: true });

let forwarded = 0;
let dropped = 0;

/** Forwards until there were enough packets, or until a socket closes. */
function bridge(from, to) {
  return from.listen((batch) => {
    for (let i = 0; i < batch.count; i++) {
      if (batch.forward(i, to)) forwarded++;
      else dropped++; // the other's tx ring is full; the frame goes back to the kernel by itself
    }
    return forwarded < Number(most);
  });
}

process.once("SIGINT", () => b.close());
process.once("SIGTERM", () => b.close());
console.log(`bridging ${left} and ${right}`);
await Promise.race([bridge(a, b), bridge(b, a)]);

await b.close(); // what shares the memory closes before its owner
const { transmit } = await a.close();
console.log(`${forwarded} packets forwarded, ${dropped} dropped, ${transmit} did not leave`);
