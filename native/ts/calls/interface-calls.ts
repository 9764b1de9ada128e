import * as abi from "@afxdp/core";
import { check, checkObject, checkPermitted, checkUnsigned, type Place } from "../check.js";
import { encodeFlowRule, insertFlowRule } from "../flow-rule.js";
import { readInterfaceState } from "../interface-state.js";
import { ProgramCalls } from "./program-calls.js";

/** A count of the addon that stays as it is. */
const STAYS = -1;

/** Network interfaces: what they are, can do, and are set to. */
export abstract class InterfaceCalls extends ProgramCalls {
  interfaceState(name: string): abi.InterfaceState {
    return readInterfaceState(this.addon, name);
  }

  interfaceFeatures(interfaceIndex: number): abi.InterfaceFeatures {
    const features = this.addon.interfaceFeatures(interfaceIndex);
    if (features === -abi.ERRNO.EPROTONOSUPPORT) throw new abi.XdpFeatureError("interfaceFeatures");
    return checkObject(features, {
      step: "interface",
      syscall: "netdev(NETDEV_CMD_DEV_GET)",
      given: `interface ${interfaceIndex}`,
    });
  }

  channels(name: string): abi.Channels {
    const place = ethtool("interface", "GCHANNELS", name);
    const counts = checkObject(this.addon.interfaceChannels(name), place);
    const [rx, tx, combined, maxRx, maxTx, maxCombined] = counts;
    return { rx, tx, combined, maxRx, maxTx, maxCombined };
  }

  setChannels(name: string, wanted: Partial<Pick<abi.Channels, "rx" | "tx" | "combined">>): void {
    abi.checkOptions("setChannels", wanted, ["rx", "tx", "combined"]);
    const place = ethtool("setting", "SCHANNELS", name);
    const { rx, tx, combined } = wanted;
    const counts = [count(rx, place), count(tx, place), count(combined, place)] as const;
    checkPermitted(this.addon.setInterfaceChannels(name, ...counts), place, "CAP_NET_ADMIN");
  }

  deviceRings(name: string): abi.DeviceRings {
    const place = ethtool("interface", "GRINGPARAM", name);
    const [rx, tx, maxRx, maxTx] = checkObject(this.addon.interfaceRings(name), place);
    return { rx, tx, maxRx, maxTx };
  }

  setDeviceRings(name: string, wanted: Partial<Pick<abi.DeviceRings, "rx" | "tx">>): void {
    abi.checkOptions("setDeviceRings", wanted, ["rx", "tx"]);
    const place = ethtool("setting", "SRINGPARAM", name);
    const counts = [count(wanted.rx, place), count(wanted.tx, place)] as const;
    checkPermitted(this.addon.setInterfaceRings(name, ...counts), place, "CAP_NET_ADMIN");
  }

  addFlowRule(name: string, rule: abi.FlowRule): number {
    const encoded = encodeFlowRule(rule);
    return insertFlowRule(this.addon, name, { ...encoded, queue: rule.queue });
  }

  removeFlowRule(name: string, location: number): void {
    const place = ethtool("setting", "SRXCLSRLDEL", name);
    checkUnsigned({ location }, 32, place);
    checkPermitted(this.addon.deleteFlowRule(name, location), place, "CAP_NET_ADMIN");
  }

  promiscuous(interfaceIndex: number): abi.Fd {
    const place: Place = {
      step: "interface",
      syscall: "setsockopt(PACKET_ADD_MEMBERSHIP)",
      given: `interface ${interfaceIndex}`,
    };
    return checkPermitted(this.addon.promiscuous(interfaceIndex), place, "CAP_NET_RAW");
  }

  interfaceSetting(name: string, setting: abi.InterfaceSetting): number {
    const place = sysfs("interface", name, setting);
    return readAttribute(this.addon.readInterfaceAttribute(name, setting), place);
  }

  setInterfaceSetting(name: string, setting: abi.InterfaceSetting, value: number): void {
    const place = sysfs("setting", name, setting);
    const result = this.addon.writeInterfaceAttribute(name, setting, value);
    checkPermitted(result, place, "CAP_SYS_ADMIN and CAP_NET_ADMIN");
  }

  interfaceNode(name: string): number {
    const node = this.addon.readInterfaceAttribute(name, "device/numa_node");
    if (node === -abi.ERRNO.ENOENT) return -1;
    return readAttribute(node, sysfs("interface", name, "device/numa_node"));
  }

  namespaceCookie(): bigint {
    const cookie = this.addon.namespaceCookie();
    if (typeof cookie === "bigint") return cookie;
    throw new abi.XdpSystemError({
      step: "interface",
      syscall: "getsockopt(SO_NETNS_COOKIE)",
      errno: cookie,
    });
  }

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
}

function ethtool(step: abi.CallSite, command: string, name: string): Place {
  return { step, syscall: `ioctl(ETHTOOL_${command})`, given: JSON.stringify(name) };
}

function sysfs(step: abi.CallSite, name: string, attribute: string): Place {
  return { step, syscall: "openat(sysfs)", given: JSON.stringify(`${name}/${attribute}`) };
}

function count(value: number | undefined, place: Place): number {
  if (value === undefined) return STAYS;
  checkUnsigned({ count: value }, 32, place);
  return value;
}

function readAttribute(result: number | readonly [number], place: Place): number {
  if (typeof result !== "number") return result[0];
  return checkPermitted(result, place, "CAP_SYS_ADMIN");
}
