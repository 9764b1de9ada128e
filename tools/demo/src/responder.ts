import { afxdp, redirect } from "afxdp";
import { answer, bytesOf, type Identity } from "./answer.js";
import { openDescriptors, type Report, reportToParent } from "./report.js";

/*
 * A responder on AF_XDP: answers ARP, ping and UDP echo for an address that no stack of this machine has, in the
 * frames in which the requests came. Usage: responder.js DEVICE MAC IPV4 PORT
 */
const [device = "", mac = "", ip = "", port = ""] = process.argv.slice(2);
const me: Identity = { mac: bytesOf(mac, 16), ip: bytesOf(ip, 10), udpPort: Number(port) };
const answered = { arp: 0, icmp: 0, udp: 0 };
const stop = new AbortController();
process.once("message", () => stop.abort());

const descriptors = openDescriptors();
const socket = await afxdp(device, { queue: 0 })
  .umem({ frameCount: 4096, frameSize: 2048 })
  .fill(2048)
  .completion(2048)
  .rx(2048)
  .tx(2048)
  .program(
    redirect.any(
      redirect.etherType("arp"),
      redirect.match({ protocol: "icmp", destination: `${ip}/32` }),
      redirect.udp({ port: me.udpPort, destination: `${ip}/32` }),
    ),
  )
  .open({ mode: "auto" });
const before = socket.frames;
reportToParent({ ready: socket.mode });

await socket
  .listen(
    (batch) => {
      for (let i = 0; i < batch.count; i++) {
        const kind = answer(batch.bytes, batch.address(i), batch.length(i), me);
        if (kind !== undefined && batch.send(i)) answered[kind]++;
      }
    },
    { signal: stop.signal },
  )
  .catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });

const { txDropped, rxInvalid, txKicks, kernel } = socket.stats();
const after = await socket.close();
const report: Report = {
  answered,
  before,
  after,
  txDropped,
  txKicks,
  rxInvalid,
  rxDropped: kernel.rxDropped + kernel.rxRingFull,
  leaked: openDescriptors() - descriptors,
};
reportToParent({ report });
process.disconnect();
