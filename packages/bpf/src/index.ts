/**
 * The XDP program that steers packets to AF_XDP sockets: rules that say which packets, and what loads, configures
 * and attaches the program; and the same for programs of the user. RX hints, which a program writes and `RxHints` reads.
 *
 * @packageDocumentation
 */
export { type AttachMode, type AttachOptions, planAttach } from "./attach/attach-options.js";
export { attachProgram } from "./attach/attach-program.js";
export type { AttachedMode, Attachment } from "./attach/attachment.js";
export { steerObject } from "./generated/steer.js";
export { steerHintsObject } from "./generated/steer-hints.js";
export { HINTS_ABI } from "./hints/layout.js";
export { RxHints } from "./hints/rx-hints.js";
export { type BpfSource, checkSource } from "./maps/bpf-source.js";
export type { SocketMap, XdpProgram } from "./maps/socket-map.js";
export { useMap } from "./maps/use-map.js";
export { XskMap } from "./maps/xsk-map.js";
export { AttachableProgram, type ProgramPins } from "./program/attachable-program.js";
export { checkObjectOptions, loadObject, type ObjectOptions } from "./program/load-object.js";
export { loadSteering, type SteeringOptions } from "./program/load-steering.js";
export { OwnProgram } from "./program/own-program.js";
export { SteeringProgram } from "./program/steering-program.js";
export { type UseProgramOptions, useProgram } from "./program/use-program.js";
export { checkRules, type Steering } from "./rules/check-rules.js";
export { encodeRules } from "./rules/encode-rules.js";
export {
  compileRules,
  compileSlots,
  evaluateRules,
  type PacketFilter,
  type SlotFilter,
  type SlotRules,
} from "./rules/evaluate-rules.js";
export { STEER_ABI } from "./rules/layout.js";
export { type PacketFields, readPacket } from "./rules/read-packet.js";
export { redirect } from "./rules/redirect.js";
export {
  ETHER_TYPES,
  type EtherTypeName,
  IP_PROTOCOLS,
  type ProtocolName,
} from "./rules/registry.js";
export type { Rule, RuleFields } from "./rules/rule.js";
