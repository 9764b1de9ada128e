import { loadSteering, type SteeringProgram } from "@afxdp/bpf";
import type { Kernel } from "@afxdp/core";
import {
  type BindOptions,
  beginSetup,
  type ReadySocket,
  type UmemSetup,
  XdpSocket,
} from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { EXPERIMENTAL, type Host } from "@afxdp/testkit";
import { redirect, type Steering } from "afxdp";

/** What a test of the driver's I/O wants of its socket. */
export interface DriverSocketOptions {
  readonly mode?: "skb" | "drv";
  readonly umem?: Partial<UmemSetup>;
  readonly bind?: BindOptions;
  readonly entries?: number;
  /** Entries of the rx ring, when it shall have fewer. */
  readonly rx?: number;
  readonly queue?: number;
  readonly kernel?: Kernel;
  readonly rules?: Steering;
  /** Shares the UMEM and the program of this one, on another queue of its device. */
  readonly share?: DriverSocket;
}

/** A socket of the driver with a program that steers packets of the experimental EtherType to it. */
export interface DriverSocket {
  readonly socket: XdpSocket;
  readonly ready: ReadySocket;
  readonly program: SteeringProgram;
}

/** Both ways to run the program, for `describe.each`. */
export const MODES = ["skb", "drv"] as const;

const opened: XdpSocket[] = [];

/** Closes what `openDriver` opened, those that share before their owners, so that a failed test does not fail the next. */
export async function closeDrivers(): Promise<void> {
  for (const socket of opened.splice(0)) await socket.close();
}

/** Opens a socket on a host's device with all four rings, wherever the thread is. */
export async function openDriver(
  host: Host,
  options: DriverSocketOptions = {},
): Promise<DriverSocket> {
  const { mode = "drv", entries = 128, queue = 0, share, bind } = options;
  const { rules = redirect.etherType(EXPERIMENTAL) } = options;
  const kernel = options.kernel ?? share?.ready.kernel ?? createLinuxKernel();
  const leave = host.enter();
  try {
    const begun = beginSetup(kernel, host.device, queue).socket();
    const needsFill = share
      ? begun.shareUmem(share.socket)
      : begun.umem({ frameCount: 256, ...options.umem });
    const needsBind = needsFill
      .fill(entries)
      .completion(entries)
      .rx(options.rx ?? entries)
      .tx(entries)
      .map()
      .prefill();
    const ready = (await needsBind.bind(bind)).mode();
    const { sequence, target, fd } = ready;
    const program = sequence.perform(
      "program",
      () => share?.program ?? loadSteering(kernel, { rules, queues: 4 }),
      (loaded) => () => (share === undefined ? loaded.close() : undefined),
    );
    sequence.perform(
      "xskmap",
      () => program.enter(target.queueId, fd),
      () => () => program.leave(target.queueId),
    );
    if (share === undefined) {
      sequence.perform(
        "attach",
        () => program.attach(target.interfaceIndex, target.interfaceName, mode),
        (attached) => () => attached.detach(),
      );
    }
    const socket = new XdpSocket(ready);
    opened.unshift(socket);
    return { socket, ready, program };
  } finally {
    leave();
  }
}

/** A packet that is seen to be whole: bytes that tell their place behind an Ethernet header. */
export function patterned(to: Host, from: Host, length: number, seed = 0): Uint8Array {
  const packet = new Uint8Array(length);
  for (let i = 0; i < length; i++) packet[i] = (i * 31 + (i >>> 8) * 7 + seed) & 0xff;
  const mac = (host: Host): number[] =>
    host.mac.split(":").map((part) => Number.parseInt(part, 16));
  packet.set([...mac(to), ...mac(from), EXPERIMENTAL >>> 8, EXPERIMENTAL & 0xff]);
  return packet;
}

/** Receives until `count` packets are there, or for 2 seconds; gives them as copies. */
export async function receiveCopies(socket: XdpSocket, count: number): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = [];
  while (packets.length < count && (await socket.readable({ timeoutMs: 2000 }))) {
    socket.receive((batch) => {
      for (let i = 0; i < batch.count; i++) packets.push(Uint8Array.from(batch.packet(i)));
    });
  }
  return packets;
}
