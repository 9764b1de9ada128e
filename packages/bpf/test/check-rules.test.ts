import { checkRules, encodeRules, type Rule, redirect } from "@afxdp/bpf";
import { describe, expect, it } from "vitest";
import { refused } from "./support/refused.js";

const many = (count: number): Rule[] => Array.from({ length: count }, () => redirect.all());

describe("checkRules takes rules from wherever they come", () => {
  it("one rule is a list of one", () => {
    expect(checkRules(redirect.vlan(7))).toStrictEqual([{ vlan: 7 }]);
  });

  it("rules that went through JSON are equal", () => {
    const rules = redirect.any(redirect.udp({ port: 9000 }), redirect.prefix("2001:db8::/32"));
    expect(checkRules(JSON.parse(JSON.stringify(rules)))).toStrictEqual(rules);
  });

  it("the caller's list can change afterwards", () => {
    const fields = { vlan: 1 };
    const list = [fields];
    const rules = checkRules(list);
    fields.vlan = 2;
    list.push({ vlan: 3 });
    expect(rules).toStrictEqual([{ vlan: 1 }]);
  });

  it("64 rules are allowed and 65 are not", () => {
    expect(checkRules(many(64)).length).toBe(64);
    expect(refused("ERR_XDP_RULE", () => checkRules(many(65))).message).toContain("65");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty list", []],
    ["a list with a hole", new Array(1)],
    ["a list in a list", [[redirect.all()]]],
    ["a function", redirect.all],
  ])("%s is refused, also by encodeRules", (_, rules) => {
    refused("ERR_XDP_RULE", () => checkRules(rules as never));
    refused("ERR_XDP_RULE", () => encodeRules(rules as never));
  });
});
