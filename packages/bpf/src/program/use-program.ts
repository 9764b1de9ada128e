import {
  BPF_PROG_TYPE_XDP,
  checkOptions,
  type Fd,
  type Kernel,
  type ProgramInfo,
  runAll,
  XdpError,
} from "@afxdp/core";
import { type BpfSource, checkSource, openSource } from "../maps/bpf-source.js";
import { findXskMap } from "../maps/find-xsk-map.js";
import { useMap } from "../maps/use-map.js";
import type { XskMap } from "../maps/xsk-map.js";
import { afterClosing } from "./after-closing.js";
import { OwnProgram } from "./own-program.js";

/** What `useProgram` is told. */
export interface UseProgramOptions {
  readonly program: BpfSource;
  /**
   * The XSKMAP that it redirects to; may be absent when it uses one only, itself and not by another program that it
   * calls. Looking for it needs CAP_SYS_ADMIN.
   */
  readonly map?: BpfSource | undefined;
}

/**
 * Opens a program that is loaded already, by this or another process, with its XSKMAP. The caller closes it; what is
 * attached or pinned stays so.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, also when it is no XDP program; ERR_XDP_MAP when the XSKMAP is not to be found;
 *   ERR_XDP_PERMISSION, ERR_XDP_SYSCALL
 */
export function useProgram(kernel: Kernel, options: UseProgramOptions): OwnProgram {
  checkOptions("useProgram", options, ["program", "map"]);
  checkSource("program", options.program);
  if (options.map !== undefined) checkSource("map", options.map);
  const program = openSource(kernel, "program", options.program);
  try {
    const info = kernel.programInfo(program);
    if (info.type !== BPF_PROG_TYPE_XDP) {
      const what = `Program ${info.id} (${info.name}) is of type ${info.type}`;
      throw new XdpError("ERR_XDP_ARGUMENT", `${what}, not an XDP program.`);
    }
    const map = options.map === undefined ? onlyXskMap(kernel, info) : useMap(kernel, options.map);
    return new OwnProgram(kernel, { program, ...info }, map, { [map.name]: map.map });
  } catch (error) {
    throw afterClosing(error, [() => kernel.close(program)]);
  }
}

/** Opens the one XSKMAP that a program uses. */
function onlyXskMap(kernel: Kernel, { id, name, mapIds }: ProgramInfo): XskMap {
  const opened: Fd[] = [];
  try {
    for (const mapId of mapIds) opened.push(kernel.openBpf("map", mapId));
    const found = findXskMap(kernel, `Program ${id} (${name})`, opened);
    const others = opened.filter((map) => map !== found.map);
    opened.splice(0, opened.length, found.map);
    runAll(others.map((map) => () => kernel.close(map)));
    return found;
  } catch (error) {
    throw afterClosing(
      error,
      opened.map((map) => () => kernel.close(map)),
    );
  }
}
