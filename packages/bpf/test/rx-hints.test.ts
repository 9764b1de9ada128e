import { HINTS_ABI, RxHints } from "@afxdp/bpf";
import { expect, it } from "vitest";
import { refused } from "./support/refused.js";

const { hints: at, bits, signature } = HINTS_ABI;
const ADDRESS = 300;

/** Memory with hints before ADDRESS, at an offset in its buffer that no word is aligned to. */
function memory(valid: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(1024), 3, 512);
  const view = new DataView(bytes.buffer, bytes.byteOffset + ADDRESS - at.size, at.size);
  view.setBigUint64(at.timestamp, 0x9abc_def0_8765_4321n, true);
  view.setUint32(at.hash, 0xfedc_ba98, true);
  view.setUint32(at.hashType, 0x8000_0001, true);
  view.setUint16(at.vlanProtocol, 0x88a8, true);
  view.setUint16(at.vlanTag, 0xa007, true);
  view.setUint32(at.valid, valid, true);
  return bytes;
}

const read = ({ ...valid }: { valid: number }) => {
  const hints = new RxHints(memory(valid.valid)).at(ADDRESS);
  const { present, hasTimestamp, hasHash, hasVlan } = hints;
  const { timestamp, timestampLow, timestampHigh, hash, hashType } = hints;
  const { vlanProtocol, vlanTag, vlanId } = hints;
  return {
    present,
    has: [hasTimestamp, hasHash, hasVlan],
    timestamp: [timestamp, timestampHigh, timestampLow],
    hash: [hash, hashType],
    vlan: [vlanProtocol, vlanTag, vlanId],
  };
};

const NOTHING = {
  present: true,
  has: [false, false, false],
  timestamp: [0n, 0, 0],
  hash: [0, 0],
  vlan: [0, 0, 0],
};

it("reads every hint that is there, with all its bits", () => {
  expect(read({ valid: signature | 7 })).toEqual({
    present: true,
    has: [true, true, true],
    timestamp: [0x9abc_def0_8765_4321n, 0x9abc_def0, 0x8765_4321],
    hash: [0xfedc_ba98, 0x8000_0001],
    vlan: [0x88a8, 0xa007, 7],
  });
});

it.each([
  ["timestamp", bits.timestamp, { timestamp: [0x9abc_def0_8765_4321n, 0x9abc_def0, 0x8765_4321] }],
  ["hash", bits.hash, { hash: [0xfedc_ba98, 0x8000_0001] }],
  ["VLAN tag", bits.vlan, { vlan: [0x88a8, 0xa007, 7] }],
])("a packet may have its %s only, and the others read as absent", (_, bit, expected) => {
  const has = [bits.timestamp, bits.hash, bits.vlan].map((other) => other === bit);
  expect(read({ valid: signature | bit })).toEqual({ ...NOTHING, has, ...expected });
});

it("a packet may have none of them", () => {
  expect(read({ valid: signature })).toEqual(NOTHING);
});

it.each([0, 7, 0xffff_ffff, signature ^ 0x0100, signature ^ 0x8000_0000])(
  "what another program left there is no hint: %i",
  (valid) => {
    expect(read({ valid: valid | 7 })).toEqual({ ...NOTHING, present: false });
  },
);

it("is pointed from one packet to the next", () => {
  const hints = new RxHints(memory(signature | 7));
  expect(hints.present).toBe(false);
  expect(hints.at(ADDRESS)).toBe(hints);
  expect(hints.present).toBe(true);
  expect(hints.at(ADDRESS + 1).present).toBe(false);
});

it.each([0, 23, 513, 1e6, 100.5, Number.NaN, -1, "300"])("address %s is refused", (address) => {
  const hints = new RxHints(memory(signature));
  refused("ERR_XDP_ARGUMENT", () => hints.at(address as number));
});

it("bytes that are none are refused", () => {
  refused("ERR_XDP_ARGUMENT", () => new RxHints(new SharedArrayBuffer(64) as never));
});
