import {
  checkCount,
  checkOptions,
  type Fd,
  type Kernel,
  type LoadedProgram,
  runAll,
  XdpError,
} from "@afxdp/core";
import { type BpfSource, checkSource, openSource } from "../maps/bpf-source.js";
import { findXskMap } from "../maps/find-xsk-map.js";
import { xskMapInfo } from "../maps/use-map.js";
import { XskMap } from "../maps/xsk-map.js";
import { afterClosing } from "./after-closing.js";
import { OwnProgram } from "./own-program.js";

/** What `loadObject` is told. */
export interface ObjectOptions {
  /** A BPF ELF object with programs of section `xdp` or `xdp.frags`, as clang makes it with `-target bpf -g`. */
  readonly object: Uint8Array;
  /** Which of its programs; may be absent when there is one only. */
  readonly programName?: string | undefined;
  /** Its XSKMAP; may be absent when it has one only. */
  readonly mapName?: string | undefined;
  /** Entries to give a map instead of what the object says, by name: an entry of the XSKMAP for each queue. */
  readonly mapEntries?: Readonly<Record<string, number>> | undefined;
  /** Maps that exist already, to use instead of making the object's own, by name. */
  readonly maps?: Readonly<Record<string, BpfSource>> | undefined;
  /** For packets of several buffers, or not, whatever the program's section says. */
  readonly frags?: boolean | undefined;
  /** Binds the program to the device with this index, for programs that ask for hints. Linux 6.3. */
  readonly deviceIndex?: number | undefined;
}

const NAMES = [
  "object",
  "programName",
  "mapName",
  "mapEntries",
  "maps",
  "frags",
  "deviceIndex",
] satisfies (keyof ObjectOptions)[];
const MAX_U32 = 0xffff_ffff;

/**
 * Loads a program of the user from an ELF object. It does nothing until a socket is entered and it is attached. The
 * caller closes it.
 *
 * @throws XdpError ERR_XDP_ARGUMENT before any system call; ERR_XDP_PROGRAM with the verifier's log, ERR_XDP_MAP when
 *   the XSKMAP is not to be found, ERR_XDP_FEATURE (`frags`, `rxHints`), ERR_XDP_PERMISSION, ERR_XDP_NO_DEVICE
 */
export function loadObject(kernel: Kernel, options: ObjectOptions): OwnProgram {
  checkObjectOptions(options);
  const loaded = load(kernel, options);
  try {
    const sockets = socketMapOf(kernel, loaded, options.mapName);
    const facts = { ...loaded, deviceIndex: options.deviceIndex ?? 0 };
    return new OwnProgram(kernel, facts, sockets, loaded.maps);
  } catch (error) {
    throw afterClosing(error, closingOf(kernel, loaded));
  }
}

function load(kernel: Kernel, options: ObjectOptions): LoadedProgram {
  const { object, programName, mapEntries, frags, deviceIndex } = options;
  const maps: [string, Fd][] = [];
  const closeMaps = (): void =>
    runAll(
      maps.map(
        ([, map]) =>
          () =>
            kernel.close(map),
      ),
    );
  let loaded: LoadedProgram;
  try {
    for (const [name, source] of Object.entries(options.maps ?? {})) {
      maps.push([name, openSource(kernel, "map", source)]);
    }
    loaded = kernel.loadProgram({
      object,
      maps: Object.fromEntries(maps),
      ...(programName !== undefined && { programName }),
      ...(mapEntries !== undefined && { mapEntries }),
      ...(frags !== undefined && { frags }),
      ...(deviceIndex !== undefined && { deviceIndex }),
    });
  } catch (error) {
    throw afterClosing(error, [closeMaps]);
  }
  // The loaded program has descriptors of its own for them.
  try {
    closeMaps();
  } catch (error) {
    throw afterClosing(error, closingOf(kernel, loaded));
  }
  return loaded;
}

function closingOf(kernel: Kernel, { maps, program }: LoadedProgram): (() => void)[] {
  return [...Object.values(maps), program].map((fd) => () => kernel.close(fd));
}

function socketMapOf(kernel: Kernel, { maps, name }: LoadedProgram, mapName?: string): XskMap {
  if (mapName === undefined) return findXskMap(kernel, `Program ${name}`, Object.values(maps));
  const map = Object.hasOwn(maps, mapName) ? maps[mapName] : undefined;
  if (map !== undefined) return new XskMap(kernel, map, xskMapInfo(kernel, map));
  const names = Object.keys(maps).join(", ") || "no maps at all";
  throw new XdpError("ERR_XDP_MAP", `Program ${name} has no map "${mapName}", but ${names}.`);
}

export function checkObjectOptions(options: ObjectOptions): void {
  checkOptions("loadObject", options, NAMES);
  const { object, programName, mapName, mapEntries, maps, frags, deviceIndex } = options;
  if (!(object instanceof Uint8Array) || object.length === 0) {
    throw new XdpError("ERR_XDP_ARGUMENT", "object is no Uint8Array with an ELF object's bytes.");
  }
  checkName("programName", programName);
  checkName("mapName", mapName);
  if (frags !== undefined && typeof frags !== "boolean") {
    throw new XdpError("ERR_XDP_ARGUMENT", `frags ${String(frags)} is neither true nor false.`);
  }
  for (const [name, entries] of Object.entries(mapEntries ?? {})) {
    checkCount(`mapEntries of "${name}"`, entries, MAX_U32);
  }
  for (const [name, source] of Object.entries(maps ?? {})) checkSource(`map "${name}"`, source);
  if (deviceIndex !== undefined) checkDeviceIndex("deviceIndex", deviceIndex);
}

function checkName(option: string, name: string | undefined): void {
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    throw new XdpError("ERR_XDP_ARGUMENT", `${option} ${String(name)} is no name.`);
  }
}

/** @throws XdpError ERR_XDP_ARGUMENT unless it can be an interface's index */
export function checkDeviceIndex(option: string, index: number): void {
  checkCount(option, index, 0x7fff_ffff);
  if (index === 0) throw new XdpError("ERR_XDP_ARGUMENT", `${option} 0 is no interface.`);
}
