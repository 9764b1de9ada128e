import {
  type AttachOptions,
  type BpfSource,
  checkObjectOptions,
  checkRules,
  checkSource,
  type ObjectOptions,
  planAttach,
  type Rule,
  type SocketMap,
  type Steering,
  type UseProgramOptions,
} from "@afxdp/bpf";
import { checkCount, checkOptions, XDP_MAX_QUEUE_ID, XdpError } from "@afxdp/core";

/**
 * What steers packets to a socket that receives:
 * - rules (`redirect.udp(…)`): our own program, which the sockets of this thread on one interface share, each with
 *   rules of its own: up to 64 sockets, and 64 rules in all (ERR_XDP_MAP_FULL, ERR_XDP_RULE);
 * - `{ object, … }`: an ELF object of the user, loaded and attached (see `loadObject` of `@afxdp/bpf`);
 * - `{ program, map? }`: a program that is loaded already, by id, descriptor or pin; attached unless it is already, and
 *   then taken off by whoever attached it: a socket of this kind that did takes it off when it closes;
 * - `{ map }`: an XSKMAP by id, descriptor or pin: the socket is entered, and what is attached is somebody else's;
 * - a program or map that was opened with `@afxdp/bpf` and stays the caller's: the socket is entered.
 */
export type ProgramSource =
  | Steering
  | ObjectOptions
  | UseProgramOptions
  | { readonly map: BpfSource }
  | SocketMap;

/** How the program is used. */
export interface ProgramOptions extends Omit<AttachOptions, "mode"> {
  /**
   * With rules: writes the driver's hints (timestamp, hash, VLAN tag) before each packet, for `RxHints`. Driver mode
   * only. ERR_XDP_FEATURE before Linux 6.3 and where the driver has none. Default false.
   */
  readonly hints?: boolean | undefined;
  /**
   * With programs and maps of the user: the key of the XSKMAP at which the socket is entered. Default: its queue. Two
   * sockets on one queue need different ones, and a program that chooses between them.
   */
  readonly key?: number | undefined;
}

/** A source and its options, checked: what kind it is. */
export type ProgramPlan =
  | { readonly kind: "rules"; readonly rules: readonly Rule[]; readonly options: ProgramOptions }
  | { readonly kind: "object"; readonly object: ObjectOptions; readonly options: ProgramOptions }
  | { readonly kind: "loaded"; readonly use: UseProgramOptions; readonly options: ProgramOptions }
  | { readonly kind: "map"; readonly map: BpfSource; readonly options: ProgramOptions }
  | { readonly kind: "open"; readonly sockets: SocketMap; readonly options: ProgramOptions };

const ATTACH = ["by", "replace", "link", "pin"] as const;
const NAMES: readonly string[] = [...ATTACH, "hints", "key"];

/**
 * Checks what `program` is given, without a system call.
 *
 * @throws XdpError ERR_XDP_RULE, ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT
 */
export function planProgram(source: ProgramSource, options: ProgramOptions = {}): ProgramPlan {
  checkOptions("program", options, NAMES);
  const { hints, key, ...attach } = options;
  if (hints !== undefined && typeof hints !== "boolean") {
    throw new XdpError("ERR_XDP_ARGUMENT", `hints ${String(hints)} is not a boolean.`);
  }
  if (key !== undefined) checkCount("key", key, XDP_MAX_QUEUE_ID);
  planAttach(attach);
  const plan = kindOf(source, options);
  if (plan.kind === "rules" && key !== undefined) {
    throw conflict("rules", "key", "Sockets with rules are told apart by their rules.");
  }
  if (plan.kind !== "rules" && hints === true) {
    throw conflict("a program of one's own", "hints", "Have the program write them itself.");
  }
  const attaches = plan.kind !== "map" && plan.kind !== "open";
  const given = ATTACH.find((name) => options[name] !== undefined);
  if (!attaches && given !== undefined) {
    throw conflict("what is attached by somebody else", given, "Attach it there.");
  }
  return plan;
}

function kindOf(source: ProgramSource, options: ProgramOptions): ProgramPlan {
  if (typeof source === "object" && source !== null && !Array.isArray(source)) {
    if ("enter" in source && "leave" in source) {
      checkSocketMap(source);
      return { kind: "open", sockets: source, options };
    }
    if ("object" in source) {
      checkObjectOptions(source);
      return { kind: "object", object: source, options };
    }
    if ("program" in source) {
      checkOptions("program", source, ["program", "map"]);
      checkSource("program", source.program);
      if (source.map !== undefined) checkSource("map", source.map);
      return { kind: "loaded", use: source, options };
    }
    if ("map" in source) {
      checkOptions("program", source, ["map"]);
      checkSource("map", source.map as BpfSource);
      return { kind: "map", map: source.map as BpfSource, options };
    }
  }
  return { kind: "rules", rules: checkRules(source as Steering), options };
}

function checkSocketMap({ enter, leave, id, name }: SocketMap): void {
  const good = typeof enter === "function" && typeof leave === "function";
  if (good && typeof id === "number" && typeof name === "string") return;
  throw new XdpError("ERR_XDP_ARGUMENT", "The program is no SocketMap: enter, leave, id, name.", {
    hint: "Pass what loadSteering, loadObject, useProgram or useMap of @afxdp/bpf returned.",
  });
}

function conflict(one: string, other: string, hint: string): XdpError {
  return new XdpError("ERR_XDP_CONFLICT", `program was given both ${one} and ${other}.`, { hint });
}
