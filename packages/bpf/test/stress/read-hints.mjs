import { HINTS_ABI, RxHints } from "@afxdp/bpf";

// Reads the hints of two million packets per round, behind a line MARK for each. Usage: read-hints.mjs ROUNDS [litter]
const [rounds, litter] = process.argv.slice(2);
const FRAMES = 256;
const FRAME_SIZE = 2048;
const HEADROOM = 256;
const { hints: at, bits, signature } = HINTS_ABI;

const bytes = new Uint8Array(new SharedArrayBuffer(FRAMES * FRAME_SIZE));
const view = new DataView(bytes.buffer);
for (let frame = 0; frame < FRAMES; frame++) {
  const start = frame * FRAME_SIZE + HEADROOM - at.size;
  view.setBigUint64(start + at.timestamp, 0x9abc_def0_8765_4321n, true);
  view.setUint32(start + at.hash, 0xfedc_ba98, true);
  view.setUint16(start + at.vlanTag, 0xa007, true);
  const valid = signature | bits.timestamp | bits.hash | (frame & 1 ? bits.vlan : 0);
  view.setUint32(start + at.valid, valid, true);
}

const hints = new RxHints(bytes);

function read(count) {
  let sum = 0;
  for (let packet = 0; packet < count; packet++) {
    hints.at((packet % FRAMES) * FRAME_SIZE + HEADROOM);
    if (!hints.present) continue;
    sum = (sum + hints.hash + hints.hashType + hints.timestampLow + hints.timestampHigh) | 0;
    if (hints.hasVlan) sum = (sum + hints.vlanId + hints.vlanProtocol) | 0;
    if (litter === "bigint") sum = (sum + Number(hints.timestamp & 0xffn)) | 0;
  }
  return sum;
}

for (let round = 0; round < Number(rounds); round++) {
  console.log("MARK");
  console.log(read(2e6));
}
