import { parseArgs } from "node:util";
import type { Case } from "./cases/case.js";
import { CASES } from "./cases/index.js";
import { COLUMNS, type Column, MODES, type Mode } from "./column.js";
import type { NamedInterface } from "./named-pair.js";

/** What the command line asks for. */
export interface Arguments {
  readonly cases: readonly Case[];
  readonly columns: readonly Column[];
  /** Nothing for a veth pair of our own. */
  readonly interfaces: readonly [NamedInterface, NamedInterface] | undefined;
  /** Whether these interfaces' MTU and link may be changed. */
  readonly change: boolean;
  /** A file to write everything to. */
  readonly json: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

/** What is wrong with the command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `usage: npm run conformance -- [options]
  --interface A,B   two interfaces that are connected, each NAME or NAME@/run/netns/NAMESPACE;
                    without it, a veth pair in namespaces of its own
  --change          lets the suite set their MTU and take them down, each for one case
  --mode MODE       SKB, DRV or ZC; may be repeated
  --case NAME       one case, by its name or number; may be repeated
  --json FILE       writes everything into a file
  --list            says what the cases assert, and runs none
  --help            this text`;

const OPTIONS = {
  interface: { type: "string" },
  change: { type: "boolean", default: false },
  mode: { type: "string", multiple: true },
  case: { type: "string", multiple: true },
  json: { type: "string" },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line; a UsageError when it makes no sense. */
export function readArguments(args: readonly string[]): Arguments {
  const { interface: named, change, mode, case: chosen, json, list, help } = parse(args);
  if (change && named === undefined) {
    throw new UsageError("--change is for interfaces that were given with --interface.");
  }
  if (json === "") throw new UsageError("--json needs the name of a file.");
  const modes = mode?.map(readMode) ?? MODES;
  return {
    cases: chosen === undefined ? CASES : [...new Set(chosen.map(readCase))],
    columns: COLUMNS.filter((column) => modes.includes(column.mode)),
    interfaces: named === undefined ? undefined : readInterfaces(named),
    change,
    json,
    list,
    help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readMode(text: string): Mode {
  const mode = MODES.find((known) => known === text.toUpperCase());
  if (mode === undefined) throw new UsageError(`--mode is ${MODES.join(", ")}, not ${text}.`);
  return mode;
}

function readCase(text: string): Case {
  const entry = CASES.find(
    ({ name, number }) => name === text.toUpperCase() || `${number}` === text,
  );
  if (entry === undefined) throw new UsageError(`There is no case ${text}; --list shows them.`);
  return entry;
}

function readInterfaces(text: string): [NamedInterface, NamedInterface] {
  const named = text.split(",").map(readInterface);
  const [a, b] = named;
  if (a === undefined || b === undefined || named.length > 2) {
    throw new UsageError(`--interface takes two interfaces, A,B, and not ${JSON.stringify(text)}.`);
  }
  if (a.name === b.name && a.namespace === b.namespace) {
    throw new UsageError(`--interface takes two different interfaces, not ${a.name} twice.`);
  }
  return [a, b];
}

function readInterface(text: string): NamedInterface {
  const at = text.indexOf("@");
  const name = at === -1 ? text : text.slice(0, at);
  const namespace = at === -1 ? undefined : text.slice(at + 1);
  if (name === "" || namespace === "") {
    throw new UsageError(
      `--interface: ${JSON.stringify(text)} is neither NAME nor NAME@/run/netns/NAMESPACE.`,
    );
  }
  return { name, namespace };
}
