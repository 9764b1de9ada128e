import { type Rule, redirect } from "@afxdp/bpf";
import fc from "fast-check";
import {
  bytes,
  DESTINATION_OPTIONS,
  ethernet,
  extensionHeader,
  FRAGMENT,
  fragmentHeader,
  HOP_BY_HOP,
  ipv4,
  ipv6,
  ports,
  ROUTING,
  TCP,
  UDP,
} from "./packets.js";

/*
 * Rules and packets take their values from the same small pools, so that they meet often enough.
 */
const vlanIds = [0, 1, 5, 4094];
const etherTypes = [0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x88b5];
const protocols = [UDP, UDP, TCP, TCP, 1, 58, 59, HOP_BY_HOP, FRAGMENT, DESTINATION_OPTIONS];
const portNumbers = [1, 53, 9000, 0xffff];
const addresses4 = [
  [10, 0, 0, 1],
  [10, 0, 0, 254],
  [10, 128, 0, 1],
  [0, 0, 0, 0],
  [255, 255, 255, 255],
];
const addresses6 = [
  [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [32, 1, 13, 184, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 1],
  [254, 128, 0, 0, 0, 0, 0, 0, 2, 0, 0, 255, 254, 0, 0, 1],
  // An IPv4 address in its first four bytes.
  [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
];

const from = <T>(pool: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...pool);

function prefixOf(address: readonly number[], length: number): string {
  const masked = address.map((byte, index) => {
    const kept = Math.min(Math.max(length - index * 8, 0), 8);
    return byte & (0xff00 >> kept) & 0xff;
  });
  if (address.length === 4) return `${masked.join(".")}/${length}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((masked[2 * i] as number) << 8) | (masked[2 * i + 1] as number)).toString(16),
  );
  return `${groups.join(":")}/${length}`;
}

const prefixes = (pool: readonly number[][], bits: number): fc.Arbitrary<string> =>
  fc
    .tuple(from(pool), fc.oneof(from([0, 8, bits]), fc.integer({ min: 0, max: bits })))
    .map(([address, length]) => prefixOf(address, length));

const fields = ["vlan", "etherType", "protocol", "port", "destination", "source"] as const;

/** A rule for each value of the pools, which together tell every field of a packet apart. */
export const probes: readonly Rule[] = [
  redirect.all(),
  ...vlanIds.map((id) => redirect.vlan(id)),
  ...[...new Set(etherTypes)].map((type) => redirect.etherType(type)),
  ...[...new Set(protocols)].map((protocol) => redirect.protocol(protocol)),
  ...portNumbers.flatMap((port) => [redirect.udp({ port }), redirect.tcp({ port })]),
  ...[...addresses4, ...addresses6].flatMap((address) => {
    const host = prefixOf(address, address.length * 8);
    return [redirect.prefix(host), redirect.match({ source: host })];
  }),
];

/** Well-formed rules of every combination of fields, most of one or two, so that many packets meet them. */
export const rules: fc.Arbitrary<Rule> = fc
  .record({
    present: fc.oneof(
      { weight: 1, arbitrary: fc.subarray([...fields]) },
      { weight: 3, arbitrary: fc.subarray([...fields], { minLength: 1, maxLength: 2 }) },
    ),
    version: from([4, 6]),
    vlan: from(vlanIds),
    otherType: from(etherTypes),
    protocol: from(protocols),
    port: from(portNumbers),
    prefixes4: fc.tuple(prefixes(addresses4, 32), prefixes(addresses4, 32)),
    prefixes6: fc.tuple(prefixes(addresses6, 128), prefixes(addresses6, 128)),
  })
  .map(({ present, version, vlan, otherType, protocol, port, prefixes4, prefixes6 }) => {
    const has = (...names: readonly (typeof fields)[number][]): boolean =>
      names.some((name) => present.includes(name));
    const [destination, source] = version === 4 ? prefixes4 : prefixes6;
    const ipType = version === 4 ? 0x0800 : 0x86dd;
    const isIp = has("protocol", "port", "destination", "source");
    const portProtocol = protocol % 2 === 0 ? TCP : UDP;
    return redirect.match({
      ...(has("vlan") && { vlan }),
      ...(has("etherType") && { etherType: isIp ? ipType : otherType }),
      ...(has("protocol", "port") && { protocol: has("port") ? portProtocol : protocol }),
      ...(has("port") && { port }),
      ...(has("destination") && { destination }),
      ...(has("source") && { source }),
    });
  });

const payloads: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 5, arbitrary: from(portNumbers).map((port) => ports(port)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
);

const ipv4Packets = fc
  .record({
    // What does not fit the options: another version, and header lengths from 0 to beyond the packet.
    odd: fc.oneof(
      { weight: 9, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.nat(15).map((low) => ({ versionAndLength: 0x40 | low })) },
      { weight: 1, arbitrary: fc.nat(15).map((high) => ({ versionAndLength: (high << 4) | 5 })) },
    ),
    words: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 10 })),
    fragment: fc.oneof(
      { weight: 4, arbitrary: from([0, 0x4000, 0x8000]) },
      { weight: 1, arbitrary: from([0x2000, 0x2001, 0x0001, 0x1fff]) },
    ),
    protocol: from(protocols),
    source: from(addresses4),
    destination: from(addresses4),
    payload: payloads,
  })
  .map(({ odd, words, ...parts }) =>
    ipv4({ ...parts, ...odd, options: new Uint8Array(words * 4) }),
  );

const extensions = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: from([HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS]),
        make: fc
          .oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.constant(255))
          .map((units) => (next: number) => extensionHeader(next, units)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant(FRAGMENT),
        make: fc.tuple(from([0, 0, 1, 0x1fff]), fc.boolean()).map(
          ([offset, more]) =>
            (next: number) =>
              fragmentHeader(next, offset, more),
        ),
      }),
    },
  ),
  // One more than is looked through, and that twice.
  { maxLength: 8 },
);

const ipv6Packets = fc
  .record({
    version: fc.oneof({ weight: 9, arbitrary: fc.constant(6) }, fc.nat(15)),
    extensions,
    protocol: from(protocols),
    source: from(addresses6),
    destination: from(addresses6),
    payload: payloads,
  })
  .map(({ extensions, protocol, payload, ...parts }) => {
    const types = [...extensions.map(({ type }) => type), protocol];
    const headers = extensions.map(({ make }, index) => make(types[index + 1] as number));
    return ipv6({ ...parts, next: types[0] as number, payload: bytes(...headers, payload) });
  });

const tags = fc.array(
  fc.record({
    type: from([0x8100, 0x88a8]),
    control: fc.tuple(from(vlanIds), from([0, 0x1000, 0xe000])).map(([id, bits]) => id | bits),
  }),
  { maxLength: 3 },
);

const wellFormed = fc
  .record({
    tags: fc.oneof(fc.constant([]), tags),
    inner: fc.oneof(
      {
        weight: 3,
        arbitrary: ipv4Packets.map((payload) => ({ etherType: 0x0800, payload })),
      },
      { weight: 4, arbitrary: ipv6Packets.map((payload) => ({ etherType: 0x86dd, payload })) },
      {
        weight: 1,
        arbitrary: fc.record({ etherType: from(etherTypes), payload: payloads }),
      },
    ),
  })
  .map(({ tags, inner }) => ethernet({ tags, ...inner }));

/** Packets, some of them cut off or with a byte changed, at least 14 bytes long. */
export const packets: fc.Arbitrary<Uint8Array> = fc
  .record({
    packet: wellFormed,
    cut: fc.option(fc.nat(120), { freq: 3 }),
    change: fc.option(fc.record({ at: fc.nat(90), value: fc.nat(255) }), { freq: 3 }),
  })
  .map(({ packet, cut, change }) => {
    // What the kernel's test run takes as one buffer.
    const longest = Math.min(packet.length, 3000);
    const result = packet.slice(0, cut === null ? longest : Math.max(14, longest - cut));
    if (change !== null && change.at < result.length) result[change.at] = change.value;
    return result;
  });
