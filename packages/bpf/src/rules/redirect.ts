import { checkRule } from "./check-rule.js";
import { checkRules, type Steering } from "./check-rules.js";
import type { EtherTypeName, ProtocolName } from "./registry.js";
import type { Rule, RuleFields } from "./rule.js";

/** What udp() and tcp() can be narrowed by. */
export type PortRuleFields = Omit<RuleFields, "protocol">;

/**
 * Makes rules: which packets go to the sockets instead of the kernel's stack. All throw ERR_XDP_RULE, naming the
 * field, for what is malformed.
 *
 * @example
 * redirect.any(redirect.etherType("arp"), redirect.udp({ port: 9000, destination: "192.0.2.1" }))
 */
export const redirect = {
  /** Everything, the machine's own ssh included. */
  all(): Rule {
    return checkRule({});
  },

  /** Packets of an EtherType, by number or name. */
  etherType(type: number | EtherTypeName): Rule {
    return checkRule({ etherType: type });
  },

  /** Packets of an IP protocol, by number or name, over IPv4 and IPv6. */
  protocol(protocol: number | ProtocolName): Rule {
    return checkRule({ protocol });
  },

  /** UDP, optionally to one port or narrowed by other fields. With a port, no IP fragments. */
  udp(fields: PortRuleFields = {}): Rule {
    return checkRule(fields, "udp");
  },

  /** TCP, optionally to one port or narrowed by other fields. With a port, no IP fragments. */
  tcp(fields: PortRuleFields = {}): Rule {
    return checkRule(fields, "tcp");
  },

  /** Packets to the addresses of a prefix, `"192.0.2.0/24"`, or to one address. */
  prefix(destination: string): Rule {
    return checkRule({ destination });
  },

  /** Packets with an outer VLAN tag of this id, 0 to 4094, as far as the card left the tag in the packet. */
  vlan(id: number): Rule {
    return checkRule({ vlan: id });
  },

  /** Packets that meet all of the fields. */
  match(fields: RuleFields): Rule {
    return checkRule(fields);
  },

  /** Packets that any of the rules selects: 1 to 64 of them, with those of nested lists. */
  any(...rules: readonly Steering[]): readonly Rule[] {
    return checkRules(rules.flat() as readonly Rule[]);
  },
} as const;
