import { XdpError } from "@afxdp/core";
import { checkRule } from "./check-rule.js";
import { STEER_ABI } from "./layout.js";
import type { Rule } from "./rule.js";

/** Which packets go to the sockets: those that the rule, or any of the rules, selects. */
export type Steering = Rule | readonly Rule[];

/**
 * Checks rules from wherever they come and returns them as one frozen list of frozen rules. No rules are an error,
 * not "nothing": a list that came out empty would look like a network without packets.
 *
 * @throws XdpError ERR_XDP_RULE when one is malformed, there is none, or there are more than 64
 */
export function checkRules(steering: Steering): readonly Rule[] {
  const rules = Array.isArray(steering) ? (steering as readonly Rule[]) : [steering as Rule];
  if (rules.length === 0) {
    throw new XdpError("ERR_XDP_RULE", "There is no rule.", {
      hint: "Pass at least one; redirect.all() selects everything.",
    });
  }
  if (rules.length > STEER_ABI.maxRules) {
    throw new XdpError(
      "ERR_XDP_RULE",
      `There are ${rules.length} rules: at most ${STEER_ABI.maxRules}.`,
    );
  }
  // Not map(), which leaves the holes of an array out.
  return Object.freeze(Array.from(rules, (rule) => checkRule(rule)));
}
