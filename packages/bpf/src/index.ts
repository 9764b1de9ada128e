/**
 * The XDP program that steers packets to AF_XDP sockets: rules that say which packets, and what loads, configures
 * and attaches the program.
 *
 * @packageDocumentation
 */
export { steerObject } from "./generated/steer.js";
export { type AttachMode, type Attachment, attachProgram } from "./program/attach-program.js";
export { loadSteering, type SteeringOptions } from "./program/load-steering.js";
export { SteeringProgram } from "./program/steering-program.js";
export { checkRules, type Steering } from "./rules/check-rules.js";
export { encodeRules } from "./rules/encode-rules.js";
export { compileRules, evaluateRules, type PacketFilter } from "./rules/evaluate-rules.js";
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
