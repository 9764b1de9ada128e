import { type PacketFields, readPacket } from "@afxdp/bpf";
import { describe, expect, it } from "vitest";
import {
  bytes,
  DESTINATION_OPTIONS,
  ethernet,
  extensionHeader,
  FRAGMENT,
  fragmentHeader,
  HOP_BY_HOP,
  IPV4_DESTINATION,
  IPV4_SOURCE,
  IPV6_DESTINATION,
  IPV6_SOURCE,
  type Ipv4Parts,
  type Ipv6Parts,
  ipv4,
  ipv6,
  ports,
  ROUTING,
  TCP,
  UDP,
} from "./support/packets.js";

const read4 = (parts: Ipv4Parts): PacketFields => readPacket(ethernet({ payload: ipv4(parts) }));
const read6 = (parts: Ipv6Parts): PacketFields =>
  readPacket(ethernet({ etherType: 0x86dd, payload: ipv6(parts) }));

describe("Ethernet and VLAN tags", () => {
  const payload = bytes(new Uint8Array(46));
  const tag = (type: number, control: number) => ({ type, control });

  it("the EtherType without a tag", () => {
    expect(readPacket(ethernet({ etherType: 0x88b5, payload }))).toEqual({ etherType: 0x88b5 });
  });

  it.each([0x8100, 0x88a8])("a tag of type 0x%s with priority bits", (type) => {
    const packet = ethernet({ tags: [tag(type, 0xf005)], etherType: 0x88b5, payload });
    expect(readPacket(packet)).toEqual({ vlan: 5, etherType: 0x88b5 });
  });

  it("the outer id of two tags", () => {
    const tags = [tag(0x88a8, 100), tag(0x8100, 5)];
    const packet = ethernet({ tags, etherType: 0x88b5, payload });
    expect(readPacket(packet)).toEqual({ vlan: 100, etherType: 0x88b5 });
  });

  it("a third tag is not looked behind", () => {
    const tags = [tag(0x8100, 1), tag(0x8100, 2), tag(0x8100, 3)];
    expect(readPacket(ethernet({ tags }))).toEqual({ vlan: 1, etherType: 0x8100 });
  });

  it.each([
    [0, {}],
    [13, {}],
    [14, {}],
    [17, {}],
    [18, { vlan: 5, etherType: 0x0800 }],
  ])("cut off after %i bytes", (length, fields) => {
    const packet = ethernet({ tags: [tag(0x8100, 5)] }).subarray(0, length);
    expect(readPacket(packet)).toEqual(fields);
  });
});

describe("IPv4", () => {
  const addresses = {
    etherType: 0x0800,
    version: 4,
    source: bytes(IPV4_SOURCE),
    destination: bytes(IPV4_DESTINATION),
  };

  it.each([UDP, TCP])("the port of protocol %i", (protocol) => {
    expect(read4({ protocol, payload: ports(443) })).toEqual({ ...addresses, protocol, port: 443 });
  });

  it("no port of another protocol", () => {
    expect(read4({ protocol: 132, payload: ports(443) })).toEqual({ ...addresses, protocol: 132 });
  });

  it("the port behind options", () => {
    const fields = read4({ options: new Uint8Array(40), payload: ports(443) });
    expect(fields).toEqual({ ...addresses, protocol: UDP, port: 443 });
  });

  it.each([
    ["the first fragment", 0x2000],
    ["a middle fragment", 0x2001],
    ["the last fragment", 0x0001],
  ])("protocol and addresses but no port of %s", (_, fragment) => {
    expect(read4({ fragment })).toEqual({ ...addresses, protocol: UDP });
  });

  it("'do not fragment' is no fragment", () => {
    expect(read4({ fragment: 0x4000 }).port).toBe(9000);
  });

  it.each([
    ["version 6", 0x65],
    ["a header length of 16", 0x44],
  ])("nothing of a header with %s", (_, versionAndLength) => {
    expect(read4({ versionAndLength })).toEqual({ etherType: 0x0800 });
  });

  it.each([
    [33, { etherType: 0x0800 }],
    [34, { ...addresses, protocol: UDP }],
    [37, { ...addresses, protocol: UDP }],
    [38, { ...addresses, protocol: UDP, port: 9000 }],
  ])("cut off after %i bytes", (length, fields) => {
    expect(readPacket(ethernet().subarray(0, length))).toEqual(fields);
  });
});

describe("IPv6", () => {
  const addresses = {
    etherType: 0x86dd,
    version: 6,
    source: bytes(IPV6_SOURCE),
    destination: bytes(IPV6_DESTINATION),
  };
  /** Headers in this order, then UDP. */
  const chain = (...types: readonly number[]): Ipv6Parts => ({
    next: types[0] ?? UDP,
    payload: bytes(
      ...types.map((_, index) => extensionHeader(types[index + 1] ?? UDP, index)),
      ports(53),
    ),
  });
  const fragment = (offset: number, more: boolean, next = UDP): Ipv6Parts => ({
    next: FRAGMENT,
    payload: bytes(fragmentHeader(next, offset, more), ports(53)),
  });

  it.each([
    ["no extension header", chain()],
    ["a hop-by-hop header", chain(HOP_BY_HOP)],
    ["a routing header", chain(ROUTING)],
    ["six extension headers", chain(0, 60, 43, 60, 43, 60)],
    ["a fragment header of a whole packet", fragment(0, false)],
  ])("the port behind %s", (_, parts) => {
    expect(read6(parts)).toEqual({ ...addresses, protocol: UDP, port: 53 });
  });

  it("no protocol behind seven extension headers", () => {
    expect(read6(chain(0, 60, 43, 60, 43, 60, 43))).toEqual(addresses);
  });

  it("no next header is a protocol", () => {
    expect(read6({ next: 59, payload: bytes() })).toEqual({ ...addresses, protocol: 59 });
  });

  it.each([
    ["the first fragment", fragment(0, true)],
    ["a middle fragment", fragment(1, true)],
    ["the last fragment", fragment(1, false)],
  ])("protocol and addresses but no port of %s", (_, parts) => {
    expect(read6(parts)).toEqual({ ...addresses, protocol: UDP });
  });

  it("the first fragment's protocol behind destination options, but not a later one's", () => {
    const parts = (offset: number): Ipv6Parts => ({
      next: FRAGMENT,
      payload: bytes(
        fragmentHeader(DESTINATION_OPTIONS, offset, true),
        extensionHeader(UDP),
        ports(53),
      ),
    });
    expect(read6(parts(0))).toEqual({ ...addresses, protocol: UDP });
    expect(read6(parts(1))).toEqual(addresses);
  });

  it("nothing of a header with version 4", () => {
    expect(read6({ version: 4 })).toEqual({ etherType: 0x86dd });
  });

  it.each([
    [53, { etherType: 0x86dd }],
    [54, addresses],
    [61, addresses],
    [62, { ...addresses, protocol: UDP }],
    [65, { ...addresses, protocol: UDP }],
    [66, { ...addresses, protocol: UDP, port: 53 }],
  ])("with a hop-by-hop header, cut off after %i bytes", (length, fields) => {
    const packet = ethernet({ etherType: 0x86dd, payload: ipv6(chain(HOP_BY_HOP)) });
    expect(readPacket(packet.subarray(0, length))).toEqual(fields);
  });
});
