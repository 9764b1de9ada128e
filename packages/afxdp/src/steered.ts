import type { AttachedMode, Rule, Steering } from "@afxdp/bpf";

/** The program of an open socket, as far as it can be used beside it: the socket enters and leaves it. */
export interface SocketProgram {
  /** The kernel's id, as `bpftool` shows it; of the map, where only that is known. */
  readonly id: number;
  readonly name: string;
  /** The rules in force for this socket; undefined with a program of the user. */
  readonly rules: readonly Rule[] | undefined;
  /**
   * Puts other rules in force for this socket, all at once, while packets flow.
   *
   * @throws XdpError ERR_XDP_RULE, ERR_XDP_CLOSED; ERR_XDP_STATE with a program of the user
   */
  setRules(steering: Steering): void;
}

/** What the steps of a program come to. */
export interface Steered {
  readonly program: SocketProgram;
  /** Where it runs; undefined when it was not we who attached it. */
  readonly mode: AttachedMode | undefined;
}
