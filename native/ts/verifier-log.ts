const LINES = 8;
const CHARACTERS = 1000;

/** libbpf prints the verifier's log between lines of these, with a prefix. */
const BEGIN = /-- BEGIN PROG LOAD LOG --\s*$/;
const END = /-- END PROG LOAD LOG --\s*$/;

/** What the verifier says of its own work, whether it was content or not. */
const STATISTICS =
  /^(processed \d+ insns|verification time |stack depth |max_states|peak_states|mark_read|insns_not_applied)/;

/** libbpf's last words, which only say that there were others before. */
const REPEATS = /^libbpf: (failed to load object|prog '[^']*': failed to load: -?\d+$)/;

/**
 * The end of a load's log, where the reason stands: the verifier's last lines, or libbpf's when it did not come to
 * verifying. At most 8 lines and 1000 characters, without statistics.
 */
export function shortenLog(log: string): string {
  const lines = verifierLines(log.split("\n")).filter(
    (line) => line.trim() !== "" && !STATISTICS.test(line) && !REPEATS.test(line),
  );
  const kept: string[] = [];
  let room = CHARACTERS;
  for (const line of lines.reverse().slice(0, LINES)) {
    if (kept.length > 0 && line.length + 1 > room) break;
    kept.unshift(line.length > CHARACTERS ? `${line.slice(0, CHARACTERS - 1)}…` : line);
    room -= line.length + 1;
  }
  return kept.join("\n");
}

/** The lines of the last verifier's log in it; all lines when there is none. */
function verifierLines(lines: readonly string[]): readonly string[] {
  const begin = lines.findLastIndex((line) => BEGIN.test(line));
  if (begin < 0) return lines;
  const end = lines.findLastIndex((line) => END.test(line));
  const verifier = lines.slice(begin + 1, end > begin ? end : undefined);
  return verifier.some((line) => line.trim() !== "") ? verifier : lines;
}
