import { XdpError } from "./errors/xdp-error.js";

/**
 * Checks that options are an object without a misspelt name in it, which would be ignored without a word.
 *
 * @throws XdpError ERR_XDP_ARGUMENT
 */
export function checkOptions(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new XdpError("ERR_XDP_ARGUMENT", `The options of ${what} are no object.`, {
      hint: `Pass an object with ${names.join(", ")}.`,
    });
  }
  for (const name in options) {
    if (!names.includes(name)) {
      throw new XdpError("ERR_XDP_ARGUMENT", `${what} has no option ${JSON.stringify(name)}.`, {
        hint: names.length === 0 ? "It has no options." : `Its options are ${names.join(", ")}.`,
      });
    }
  }
}
