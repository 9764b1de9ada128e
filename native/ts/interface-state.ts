import { ERRNO, type InterfaceState } from "@afxdp/core";
import type { Addon } from "./addon.js";
import { check } from "./check.js";

const IFF_UP = 1;
const IFF_RUNNING = 0x40;

/**
 * Reads an interface's index, flags, MTU and queues in the calling thread's network namespace. The number of queues
 * in use is only known to the driver (ETHTOOL_GCHANNELS). Where that does not tell, rtnetlink gives the number that
 * the device was made with, which is an upper bound; /sys would be exact, but shows the namespace that it was
 * mounted in, not the thread's.
 */
export function readInterfaceState(addon: Addon, name: string): InterfaceState {
  const ask = (syscall: string, result: number): number =>
    check(result, { step: "interface", syscall, given: JSON.stringify(name) });
  const index = ask("ioctl(SIOCGIFINDEX)", addon.interfaceIndex(name));
  const flags = ask("ioctl(SIOCGIFFLAGS)", addon.interfaceFlags(name));
  const mtu = ask("ioctl(SIOCGIFMTU)", addon.interfaceMtu(name));
  const [rxQueues, txQueues] = readQueues(addon, name, index);
  return {
    index,
    rxQueues,
    txQueues,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    mtu,
  };
}

function readQueues(addon: Addon, name: string, index: number): readonly [number, number] {
  const given = JSON.stringify(name);
  const channels = addon.interfaceChannels(name);
  if (typeof channels !== "number") {
    const [rx, tx, combined] = channels;
    return [rx + combined, tx + combined];
  }
  if (channels !== -ERRNO.EOPNOTSUPP) {
    check(channels, { step: "interface", syscall: "ioctl(ETHTOOL_GCHANNELS)", given });
  }
  const link = addon.linkAttributes(index);
  if (typeof link !== "number") return [link.rxQueues, link.txQueues];
  check(link, { step: "interface", syscall: "rtnetlink(RTM_GETLINK)", given });
  return [1, 1];
}
