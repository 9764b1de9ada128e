import { XdpError, type XdpErrorOptions } from "./xdp-error.js";

/** ERR_XDP_PROGRAM: a program could not be loaded. */
export class XdpProgramError extends XdpError {
  /** The whole log of libbpf and the verifier. */
  readonly log: string;
  /** Negative-free error number of the load, or 0 when the object itself was malformed. */
  readonly errno: number;

  constructor(message: string, log: string, errno: number, options: XdpErrorOptions = {}) {
    super("ERR_XDP_PROGRAM", message, options);
    this.log = log;
    this.errno = errno;
  }
}

/** ERR_XDP_PROGRAM_PRESENT: another program holds the interface. It was not touched. */
export class XdpProgramPresentError extends XdpError {
  /** The kernel's id of the program, as `bpftool prog` shows it; 0 when it could not be read. */
  readonly programId: number;
  readonly programName: string;

  constructor(
    message: string,
    programId: number,
    programName: string,
    options: XdpErrorOptions = {},
  ) {
    super("ERR_XDP_PROGRAM_PRESENT", message, options);
    this.programId = programId;
    this.programName = programName;
  }
}
