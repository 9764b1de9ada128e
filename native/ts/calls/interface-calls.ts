import type * as abi from "@afxdp/core";
import { readInterfaceState } from "../interface-state.js";
import { ProgramCalls } from "./program-calls.js";

/** Network interfaces: what they are, can do, and are set to. */
export abstract class InterfaceCalls extends ProgramCalls {
  interfaceState(name: string): abi.InterfaceState {
    return readInterfaceState(this.addon, name);
  }
}
