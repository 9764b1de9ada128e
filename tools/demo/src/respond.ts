import { bytesOf } from "@afxdp/testkit";
import { openDescriptors, type Report, reportToParent } from "./report.js";
import { type Identity, openResponder, respond } from "./responder.js";

/* The responder as a process of the demo: says when it is ready, and after a message what it did and what is left.
 * Usage: respond.js DEVICE MAC IPV4 PORT
 */
const [device = "", mac = "", ip = "", port = ""] = process.argv.slice(2);
const me: Identity = { mac: bytesOf(mac, 16), ip: bytesOf(ip, 10), port: Number(port) };
const answered = { arp: 0, icmp: 0, udp: 0 };
const stop = new AbortController();
process.once("message", () => stop.abort());

const descriptors = openDescriptors();
const socket = await openResponder(device, me);
const before = socket.frames;
reportToParent({ ready: socket.mode });
await respond(socket, me, stop.signal, (what) => answered[what]++).catch((error: unknown) => {
  if (!stop.signal.aborted) throw error;
});
const { txDropped, rxInvalid, txKicks, drops } = socket.stats();
const after = await socket.close();
const report: Report = {
  answered,
  before,
  after,
  txDropped,
  txKicks,
  rxInvalid,
  rxDropped: drops.rxRingFull + drops.fillRingEmpty + drops.other,
  leaked: openDescriptors() - descriptors,
};
reportToParent({ report });
process.disconnect();
