import { ERRORS, type ErrorCode } from "./catalogue.js";

const BRAND: unique symbol = Symbol.for("afxdp.XdpError") as never;

/** What an XdpError can be given beside its code and message. */
export interface XdpErrorOptions {
  readonly cause?: unknown;
  /** The cure for this very case; the code's general cure when absent. */
  readonly hint?: string;
}

/** Every error that afxdp throws. Branch on `code`, show `message`, offer `hint`. */
export class XdpError extends Error {
  /** Stable; the list is {@link ERRORS}. */
  readonly code: ErrorCode;
  /** How to mend it. */
  readonly hint: string;
  /** Errors met while undoing what had been done before this one; all else was released. */
  readonly suppressed: unknown[] = [];

  constructor(code: ErrorCode, message: string, options: XdpErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].cure;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static {
    // An AbortError is recognised by its name everywhere else; keep the others greppable by class.
    Object.defineProperty(XdpError.prototype, "name", {
      get(this: XdpError): string {
        return this.code === "ERR_XDP_ABORTED" ? "AbortError" : this.constructor.name;
      },
      configurable: true,
    });
  }
}

/** Tells whether a value is an XdpError of this or of another copy of the package. */
export function isXdpError(value: unknown): value is XdpError {
  return typeof value === "object" && value !== null && BRAND in value;
}
