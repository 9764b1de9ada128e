import type { Sequence } from "@afxdp/core";
import {
  type BindOptions,
  beginSetup,
  type NeedsMap,
  type NeedsRings,
  type NeedsTxOrMap,
  type UmemSetup,
  XdpSocket,
} from "@afxdp/driver";
import { type PlayedKernel, type PlayedRings, playKernel, sendAll } from "./played-kernel.mjs";

export interface PlayedSocket {
  readonly played: PlayedKernel;
  readonly socket: XdpSocket;
  readonly rings: PlayedRings;
  readonly sequence: Sequence;
  /** What the socket counts in: to begin somewhere else than at 0. */
  readonly counters: Record<"rxPackets" | "rxBytes", number>;
}

interface Wanted {
  readonly umem?: Partial<UmemSetup>;
  readonly bind?: BindOptions;
  readonly entries?: number;
  readonly queue?: number;
  readonly played?: PlayedKernel;
  readonly share?: XdpSocket;
  /** Shares its queue, too. */
  readonly sameQueue?: boolean;
  /** Without a tx ring, or without an rx ring. */
  readonly rxOnly?: boolean;
  readonly txOnly?: boolean;
}

/** Opens a socket whose kernel is played by the test; what it sends is taken and completed with each kick. */
export async function openPlayed(wanted: Wanted = {}): Promise<PlayedSocket> {
  const { entries = 32, queue = 0, share, played = playKernel() } = wanted;
  const begun = beginSetup(played.kernel, "played0", queue).socket();
  const sized = (): NeedsRings => {
    if (share !== undefined && wanted.sameQueue) return begun.shareQueue(share);
    const needsFill = share
      ? begun.shareUmem(share)
      : begun.umem({ frameCount: 64, ringsLength: 16 * 65536, ...wanted.umem });
    return needsFill.fill(entries).completion(entries);
  };
  const received = (): NeedsTxOrMap => sized().rx(entries);
  const sending = (): NeedsMap => (wanted.txOnly ? sized() : received()).tx(entries);
  const mapped = (wanted.rxOnly ? received() : sending()).map();
  const ready = (await mapped.prefill().bind(wanted.bind)).mode();
  const rings = played.sockets.get(ready.fd) as PlayedRings;
  played.onKick = (fd) => {
    sendAll({ ...rings, ...played.sockets.get(fd) });
  };
  const { counters } = (ready as unknown as { io: Pick<PlayedSocket, "counters"> }).io;
  return { played, socket: new XdpSocket(ready), rings, sequence: ready.sequence, counters };
}

/** Takes one batch: the bytes of each packet, as `packet` gives them. */
export function take(socket: XdpSocket, limit?: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  socket.receive((batch) => {
    for (let i = 0; i < batch.count; i++) packets.push(Uint8Array.from(batch.packet(i)));
  }, limit);
  return packets;
}
