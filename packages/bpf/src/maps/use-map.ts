import { BPF_MAP_TYPE_XSKMAP, type Fd, type Kernel, type MapInfo, XdpError } from "@afxdp/core";
import { afterClosing } from "../program/after-closing.js";
import { type BpfSource, checkSource, openSource } from "./bpf-source.js";
import { XskMap } from "./xsk-map.js";

/**
 * Opens an XSKMAP that somebody else's program redirects to. Sockets enter and leave it; which packets they get, and
 * whether the program is attached, is the other's. The caller closes it; the map stays.
 *
 * @throws XdpError ERR_XDP_ARGUMENT before any system call, ERR_XDP_MAP when it is no XSKMAP; ERR_XDP_PERMISSION,
 *   ERR_XDP_SYSCALL
 */
export function useMap(kernel: Kernel, source: BpfSource): XskMap {
  checkSource("map", source);
  const map = openSource(kernel, "map", source);
  try {
    return new XskMap(kernel, map, xskMapInfo(kernel, map));
  } catch (error) {
    throw afterClosing(error, [() => kernel.close(map)]);
  }
}

/**
 * What the kernel says of an XSKMAP.
 *
 * @throws XdpError ERR_XDP_MAP when it is another map
 */
export function xskMapInfo(kernel: Kernel, map: Fd): MapInfo {
  const info = kernel.mapInfo(map);
  if (info.type === BPF_MAP_TYPE_XSKMAP) return info;
  throw new XdpError(
    "ERR_XDP_MAP",
    `Map ${info.id} (${info.name}) is of type ${info.type}, not an XSKMAP.`,
  );
}
