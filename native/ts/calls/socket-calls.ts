import * as abi from "@afxdp/core";
import { check, checkPermitted, checkUnsigned, type Place } from "../check.js";
import { MemoryCalls } from "./memory-calls.js";

const RING_OPTION_NAMES: Readonly<Record<abi.RingName, string>> = {
  fill: "XDP_UMEM_FILL_RING",
  completion: "XDP_UMEM_COMPLETION_RING",
  rx: "XDP_RX_RING",
  tx: "XDP_TX_RING",
};

const GET_OPTIONS = {
  XDP_MMAP_OFFSETS: abi.XDP_MMAP_OFFSETS,
  XDP_OPTIONS: abi.XDP_OPTIONS,
  XDP_STATISTICS: abi.XDP_STATISTICS,
} as const;

const SOCKET_OPTIONS: Readonly<Record<abi.SocketOption, number>> = {
  SO_ERROR: abi.SO_ERROR,
  SO_BUSY_POLL: abi.SO_BUSY_POLL,
  SO_PREFER_BUSY_POLL: abi.SO_PREFER_BUSY_POLL,
  SO_BUSY_POLL_BUDGET: abi.SO_BUSY_POLL_BUDGET,
  SO_INCOMING_NAPI_ID: abi.SO_INCOMING_NAPI_ID,
};

/** AF_XDP sockets: their options, rings, kicks and waits. */
export abstract class SocketCalls extends MemoryCalls {
  socket(): abi.Fd {
    return check(this.addon.socket(), { step: "socket", syscall: "socket" });
  }

  registerUmem(socket: abi.Fd, arena: abi.ArenaBytes, registration: abi.UmemRegistration): void {
    const { offset, length, chunkSize, headroom, flags, txMetadataLength } = registration;
    const place: Place = {
      step: "umem",
      syscall: "setsockopt(XDP_UMEM_REG)",
      given: `${length} bytes in chunks of ${chunkSize}`,
    };
    checkUnsigned({ chunkSize, headroom, flags, txMetadataLength }, 32, place);
    const bytes = abi.encodeUmemReg(registration);
    const result = this.addon.registerUmem(socket, arena, offset, length, bytes);
    if (result === -abi.ERRNO.ENOBUFS) {
      const needed = Math.ceil(length / this.pageSize) * this.pageSize;
      throw new abi.XdpMemlockError(needed, this.memoryLimits().lockLimit, result);
    }
    check(result, place);
  }

  setRingSize(socket: abi.Fd, ring: abi.RingName, entries: number): void {
    const place: Place = {
      step: ring,
      syscall: `setsockopt(${RING_OPTION_NAMES[ring]})`,
      given: `${entries} entries`,
    };
    checkUnsigned({ entries }, 32, place);
    const { option } = abi.RING_ABI[ring];
    check(this.addon.setsockopt(socket, abi.SOL_XDP, option, abi.encodeU32(entries)), place);
  }

  setTxBudget(socket: abi.Fd, descriptors: number): void {
    const place: Place = {
      step: "budget",
      syscall: "setsockopt(XDP_MAX_TX_SKB_BUDGET)",
      given: `${descriptors} descriptors`,
    };
    checkUnsigned({ descriptors }, 32, place);
    const { SOL_XDP, XDP_MAX_TX_SKB_BUDGET } = abi;
    const value = abi.encodeU32(descriptors);
    const result = this.addon.setsockopt(socket, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, value);
    if (result === -abi.ERRNO.ENOPROTOOPT) throw new abi.XdpFeatureError("txBudget");
    // This errno is about the number (net/xdp/xsk.c), not about a permission.
    if (result === -abi.ERRNO.EACCES) {
      const hint = `Size the tx ring first, and give a number from ${abi.XSK_TX_BATCH} to its entries.`;
      check(result, { ...place, code: "ERR_XDP_ARGUMENT", hint });
    }
    check(result, place);
  }

  setSocketOption(socket: abi.Fd, option: abi.SocketOption, value: number): void {
    const place = optionPlace("setsockopt", option, `${value}`);
    checkUnsigned({ value }, 32, place);
    const bytes = abi.encodeU32(value);
    const result = this.addon.setsockopt(socket, abi.SOL_SOCKET, SOCKET_OPTIONS[option], bytes);
    checkOption(result, place);
  }

  socketOption(socket: abi.Fd, option: abi.SocketOption): number {
    const bytes = new Uint8Array(4);
    const result = this.addon.getsockopt(socket, abi.SOL_SOCKET, SOCKET_OPTIONS[option], bytes);
    const place = optionPlace("getsockopt", option);
    // Every kernel has this one for writing only (net/core/sock.c).
    if (option === "SO_BUSY_POLL_BUDGET") check(result, { ...place, code: "ERR_XDP_SYSCALL" });
    checkOption(result, place);
    return abi.decodeU32(bytes);
  }

  mmapOffsets(socket: abi.Fd): abi.MmapOffsets {
    return abi.decodeMmapOffsets(
      this.#option(socket, "map", "XDP_MMAP_OFFSETS", abi.XDP_MMAP_OFFSETS_SIZE),
    );
  }

  mapRing(
    socket: abi.Fd,
    ring: abi.RingName,
    arena: abi.ArenaBytes,
    offset: number,
    length: number,
  ): void {
    const { pageOffset } = abi.RING_ABI[ring];
    check(this.addon.mapRing(socket, arena, offset, length, pageOffset), {
      step: "map",
      syscall: "mmap",
      given: `${length} bytes of the ${ring} ring`,
    });
  }

  unmapRing(arena: abi.ArenaBytes, offset: number, length: number): void {
    check(this.addon.unmapRing(arena, offset, length), {
      step: "unmap",
      syscall: "mmap",
      given: `${length} bytes at ${offset}`,
    });
  }

  bind(socket: abi.Fd, address: abi.BindAddress): void {
    const { flags, interfaceIndex, queueId } = address;
    const place: Place = {
      step: "bind",
      syscall: "bind",
      given: `interface ${interfaceIndex} queue ${queueId}`,
    };
    checkUnsigned({ flags }, 16, place);
    checkUnsigned({ interfaceIndex, queueId }, 32, place);
    check(this.addon.bind(socket, abi.encodeSockaddr(address)), place);
  }

  options(socket: abi.Fd): number {
    return abi.decodeU32(this.#option(socket, "mode", "XDP_OPTIONS", abi.XDP_OPTIONS_SIZE));
  }

  statistics(socket: abi.Fd): abi.XdpStatistics {
    return abi.decodeStatistics(
      this.#option(socket, "statistics", "XDP_STATISTICS", abi.XDP_STATISTICS_SIZE),
    );
  }

  kickTx(socket: abi.Fd, times: number): number {
    return this.addon.sendLoop(socket, times);
  }

  kickRx(socket: abi.Fd): number {
    return this.addon.receive(socket);
  }

  clockMs(): number {
    return this.addon.clockMs();
  }

  wait(socket: abi.Fd, events: number, timeoutMs: number, waker: abi.Fd): number {
    return this.addon.poll(socket, events, timeoutMs, waker);
  }

  watch(fd: abi.Fd, events: number, listener: () => void): abi.Watch {
    const addon = this.addon;
    const id = check(addon.watch(fd, events, listener), {
      step: "wait",
      syscall: "epoll_ctl",
    });
    return {
      stop(): void {
        addon.unwatch(id);
      },
    };
  }

  createWaker(): abi.Fd {
    return check(this.addon.createWaker(), { step: "wait", syscall: "eventfd" });
  }

  wake(waker: abi.Fd): void {
    check(this.addon.wake(waker), { step: "wait", syscall: "write(eventfd)" });
  }

  close(fd: abi.Fd): void {
    check(this.addon.close(fd), { step: "close", syscall: "close", given: `descriptor ${fd}` });
  }

  #option(
    socket: abi.Fd,
    step: abi.CallSite,
    name: keyof typeof GET_OPTIONS,
    size: number,
  ): Uint8Array {
    const bytes = new Uint8Array(size);
    const length = check(this.addon.getsockopt(socket, abi.SOL_XDP, GET_OPTIONS[name], bytes), {
      step,
      syscall: `getsockopt(${name})`,
    });
    return bytes.subarray(0, length);
  }
}

function optionPlace(syscall: string, option: abi.SocketOption, given?: string): Place {
  const busyPoll = option !== "SO_ERROR" && option !== "SO_INCOMING_NAPI_ID";
  return {
    step: busyPoll ? "busyPoll" : "setting",
    syscall: `${syscall}(${option})`,
    ...(given === undefined ? {} : { given }),
  };
}

/** ENOPROTOOPT of a busy-poll option is a kernel without; of another, one that cannot be set. */
function checkOption(result: number, place: Place): void {
  if (result === -abi.ERRNO.ENOPROTOOPT && place.step === "busyPoll") {
    throw new abi.XdpFeatureError("busyPoll");
  }
  checkPermitted(result, place, "CAP_NET_ADMIN");
}
