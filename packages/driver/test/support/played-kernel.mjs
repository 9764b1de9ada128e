// A Kernel whose part in the rings the caller plays: for rings that no real kernel would fill like that, and for
// benchmarks of the loops alone. It keeps no rules; the rings lie in the arena, as zeroed memory is an empty ring.
import { XDP_OPTIONS_ZEROCOPY } from "@afxdp/core";
import {
  AddressConsumer,
  AddressProducer,
  DescriptorConsumer,
  DescriptorProducer,
} from "@afxdp/ring";

const OFFSETS = { producer: 0, consumer: 128, flags: 196, desc: 320 };
const PEERS = {
  fill: AddressConsumer,
  completion: AddressProducer,
  rx: DescriptorProducer,
  tx: DescriptorConsumer,
};
const NO_STATISTICS = {
  rxDropped: 0,
  rxInvalidDescs: 0,
  txInvalidDescs: 0,
  rxRingFull: 0,
  rxFillRingEmptyDescs: 0,
  txRingEmptyDescs: 0,
};

export function playKernel({ zeroCopy = false, segments = 0, xsk = 0 } = {}) {
  let descriptors = 3;
  const sizes = new Map();
  const played = { sockets: new Map(), statistics: { ...NO_STATISTICS }, kicks: 0, onKick() {} };
  const ringsOf = (fd) => {
    const rings = played.sockets.get(fd) ?? {};
    played.sockets.set(fd, rings);
    return rings;
  };
  played.kernel = {
    name: "played",
    pageSize: 4096,
    interfaceState: () => ({
      index: 1,
      rxQueues: 4,
      txQueues: 4,
      up: true,
      running: true,
      mtu: 1500,
    }),
    interfaceFeatures: () => ({ xdp: 0, zeroCopyMaxSegments: segments, rxMetadata: 0, xsk }),
    namespaceCookie: () => 1n,
    socket: () => descriptors++,
    registerUmem() {},
    setRingSize(fd, ring, entries) {
      sizes.set(`${fd} ${ring}`, entries);
    },
    mmapOffsets: () => ({ fill: OFFSETS, completion: OFFSETS, rx: OFFSETS, tx: OFFSETS }),
    mapRing(fd, ring, arena, offset) {
      const words = new Int32Array(arena.buffer);
      const layout = { entries: sizes.get(`${fd} ${ring}`) };
      for (const [name, at] of Object.entries(OFFSETS)) layout[name] = offset + at;
      // A kernel in copy mode always wants to be kicked.
      if (ring === "tx") words[layout.flags / 4] = 1;
      ringsOf(fd)[ring] = { words, layout, peer: new PEERS[ring](words, layout) };
    },
    unmapRing() {},
    bind() {},
    options: () => (zeroCopy ? XDP_OPTIONS_ZEROCOPY : 0),
    statistics: () => ({ ...played.statistics }),
    kickTx(fd, times) {
      played.kicks++;
      played.onKick(fd, times);
      return 0;
    },
    kickRx: () => 0,
    clockMs: () => Math.trunc(performance.now()) & 0x3fffffff,
    close() {},
  };
  return played;
}

/** Takes everything out of a socket's tx ring and completes it; returns the descriptors. */
export function sendAll({ tx, completion }) {
  const sent = [];
  const count = tx.peer.peek(tx.peer.size);
  completion.peer.reserve(count);
  for (let i = 0; i < count; i++) {
    sent.push({
      address: tx.peer.address(i),
      length: tx.peer.length(i),
      options: tx.peer.options(i),
    });
    completion.peer.setAddress(i, tx.peer.address(i));
  }
  completion.peer.submit(count);
  tx.peer.release(count);
  return sent;
}

/** Delivers descriptors of [address, length, options] as they are. */
export function deliver({ rx }, descriptors) {
  const granted = rx.peer.reserve(descriptors.length);
  if (granted !== descriptors.length) throw new Error(`the rx ring has room for ${granted}`);
  for (const [i, [address, length, options = 0]] of descriptors.entries()) {
    rx.peer.set(i, address, length, options);
  }
  rx.peer.submit(granted);
}

/** Takes up to `count` frames out of the fill ring: their addresses. */
export function takeFilled({ fill }, count) {
  const granted = fill.peer.peek(count);
  const addresses = Array.from({ length: granted }, (_, i) => fill.peer.address(i));
  fill.peer.release(granted);
  return addresses;
}
