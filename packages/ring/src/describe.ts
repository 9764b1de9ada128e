/** Puts any value into words for an error message; never throws. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : Object.prototype.toString.call(value);
    case "function":
      return "a function";
    default:
      return String(value);
  }
}
