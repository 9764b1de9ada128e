import type * as abi from "@afxdp/core";
import { check, checkObject } from "../check.js";
import { readInterfaceState } from "../interface-state.js";
import { ProgramCalls } from "./program-calls.js";

/** Network interfaces: what they are, can do, and are set to. */
export abstract class InterfaceCalls extends ProgramCalls {
  openLinkMonitor(): abi.Fd {
    return check(this.addon.openLinkMonitor(), {
      step: "interface",
      syscall: "socket(NETLINK_ROUTE)",
    });
  }

  readLinkEvents(monitor: abi.Fd): abi.LinkEvent[] {
    return checkObject(this.addon.readLinkEvents(monitor), {
      step: "interface",
      syscall: "recvfrom(NETLINK_ROUTE)",
    });
  }

  interfaceState(name: string): abi.InterfaceState {
    return readInterfaceState(this.addon, name);
  }
}
