import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { HINTS_ABI, STEER_ABI } from "@afxdp/bpf";
import { it } from "vitest";

const { key, has, rule, config } = STEER_ABI;

const fieldsOf = (type: string, offsets: Readonly<Record<string, number>>): string[] =>
  Object.entries(offsets).map(([field, offset]) =>
    field === "size"
      ? `_Static_assert(sizeof(${type}) == ${offset}, "${type}");`
      : `_Static_assert(offsetof(${type}, ${snake(field)}) == ${offset}, "${field}");`,
  );

const constants = (values: Readonly<Record<string, number>>): string[] =>
  Object.entries(values).map(
    ([name, value]) => `_Static_assert(${name.toUpperCase()} == ${value}, "${name}");`,
  );

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** Fails to compile unless a header of bpf/ says the same. */
function compileAgainst(header: string, assertions: readonly string[]): void {
  const program = ["#include <stddef.h>", `#include "${header}"`, ...assertions].join("\n");
  const headers = join(import.meta.dirname, "../../../bpf");
  execFileSync(process.env.CLANG ?? "clang", ["-fsyntax-only", "-x", "c", "-I", headers, "-"], {
    input: program,
  });
}

const bitsOf = (prefix: string, bits: Readonly<Record<string, number>>): string[] =>
  constants(
    Object.fromEntries(Object.entries(bits).map(([name, bit]) => [prefix + snake(name), bit])),
  );

it("STEER_ABI is the layout of bpf/steer.h", () => {
  compileAgainst("steer.h", [
    ...fieldsOf("union steer_key", key),
    ...fieldsOf("struct steer_rule", rule),
    ...fieldsOf("struct steer_config", config),
    ...bitsOf("STEER_HAS_", has),
    ...constants({
      STEER_MAX_RULES: STEER_ABI.maxRules,
      STEER_MAX_SLOTS: STEER_ABI.maxSlots,
      STEER_BANKS: STEER_ABI.banks,
      STEER_MAX_EXTENSION_HEADERS: STEER_ABI.maxExtensionHeaders,
    }),
  ]);
});

it("HINTS_ABI is the layout of bpf/hints.h", () => {
  compileAgainst("hints.h", [
    ...fieldsOf("struct steer_hints", HINTS_ABI.hints),
    ...bitsOf("HINTS_", HINTS_ABI.bits),
    ...constants({
      HINTS_SIGNATURE: HINTS_ABI.signature,
      HINTS_SIGNATURE_MASK: HINTS_ABI.signatureMask,
    }),
  ]);
});
