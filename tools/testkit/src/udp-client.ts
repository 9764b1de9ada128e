import { createSocket } from "node:dgram";
import { once } from "node:events";

/*
 * Sends numbered datagrams to an echo server and counts what comes back right, with some under way at a time.
 * Usage: udp-client.js IPV4 PORT COUNT; prints {"returned":N,"wrong":N,"seconds":S}
 */
const [ip = "", port = "", countText = ""] = process.argv.slice(2);
const count = Number(countText);
const WINDOW = 64;
const SIZE = 64;

const client = createSocket("udp4");
client.connect(Number(port), ip);
await once(client, "connect");

const seen = new Uint8Array(count);
let sent = 0;
let returned = 0;
let wrong = 0;

const send = (): void => {
  const payload = Buffer.alloc(SIZE, sent & 0xff);
  payload.writeUInt32BE(sent++);
  client.send(payload);
};

const started = performance.now();
await new Promise<void>((resolve) => {
  let quiet = setTimeout(resolve, 2000);
  client.on("message", (payload) => {
    const number = payload.readUInt32BE();
    const intact =
      payload.length === SIZE && payload.subarray(4).every((b) => b === (number & 0xff));
    if (!intact || number >= count || seen[number] === 1) wrong++;
    else {
      seen[number] = 1;
      returned++;
    }
    if (sent < count) send();
    if (returned === count) resolve();
    else quiet = quiet.refresh();
  });
  while (sent < Math.min(WINDOW, count)) send();
});
const seconds = (performance.now() - started) / 1000;
client.close();
console.log(JSON.stringify({ returned, wrong, seconds }));
process.exit(0);
