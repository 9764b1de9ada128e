import { BPF_MAP_TYPE_XSKMAP, type Fd, type Kernel, XdpError } from "@afxdp/core";
import { XskMap } from "./xsk-map.js";

/**
 * Finds the one XSKMAP among a program's maps. It takes over that descriptor.
 *
 * @param program for the message: `"Program 12 (mine)"`
 * @throws XdpError ERR_XDP_MAP when there is none, or there are several
 */
export function findXskMap(kernel: Kernel, program: string, maps: readonly Fd[]): XskMap {
  const infos = maps.map((map) => ({ map, info: kernel.mapInfo(map) }));
  const found = infos.filter(({ info }) => info.type === BPF_MAP_TYPE_XSKMAP);
  const [only] = found;
  if (only !== undefined && found.length === 1) return new XskMap(kernel, only.map, only.info);
  const names = (of: typeof infos): string =>
    of.map(({ info }) => `${info.name} (id ${info.id})`).join(", ");
  const has =
    found.length > 1
      ? `several XSKMAPs: ${names(found)}`
      : `no XSKMAP, but ${names(infos) || "no maps at all"}`;
  throw new XdpError("ERR_XDP_MAP", `${program} has ${has}.`);
}
