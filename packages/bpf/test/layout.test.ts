import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { STEER_ABI } from "@afxdp/bpf";
import { it } from "vitest";

const { key, has, rule } = STEER_ABI;

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

it("STEER_ABI is the layout of bpf/steer.h", () => {
  const bits = Object.entries(has).map(([name, bit]) => [`STEER_HAS_${snake(name)}`, bit]);
  const program = [
    "#include <stddef.h>",
    '#include "steer.h"',
    ...fieldsOf("union steer_key", key),
    ...fieldsOf("struct steer_rule", rule),
    ...constants(Object.fromEntries(bits)),
    ...constants({
      STEER_MAX_RULES: STEER_ABI.maxRules,
      STEER_BANKS: STEER_ABI.banks,
      STEER_MAX_EXTENSION_HEADERS: STEER_ABI.maxExtensionHeaders,
    }),
  ].join("\n");
  const headers = join(import.meta.dirname, "../../../bpf");
  execFileSync(process.env.CLANG ?? "clang", ["-fsyntax-only", "-x", "c", "-I", headers, "-"], {
    input: program,
  });
});
