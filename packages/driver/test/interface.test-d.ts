import type { Kernel } from "@afxdp/core";
import {
  addFlowRule,
  changeChannels,
  hasFeature,
  type InterfaceReport,
  keepOpen,
  probeFeatures,
  watchInterface,
  type XdpSocket,
} from "@afxdp/driver";
import { describe, expectTypeOf, it } from "vitest";

declare const kernel: Kernel;
declare const open: () => Promise<XdpSocket>;

describe("the types of interfaces and features", () => {
  it("offer only what a socket can be probed for", () => {
    hasFeature(kernel, "multiBuffer");
    // @ts-expect-error only loading a program tells
    hasFeature(kernel, "frags");
    // @ts-expect-error only sending tells
    hasFeature(kernel, "txLaunchTime");
    expectTypeOf(probeFeatures(kernel).busyPoll).toEqualTypeOf<boolean>();
  });

  it("say what may be unknown of an interface", () => {
    expectTypeOf<InterfaceReport["mtu"]>().toEqualTypeOf<number>();
    expectTypeOf<undefined>().toExtend<InterfaceReport["features"]>();
  });

  it("take a socket's target to watch, no bare index", () => {
    watchInterface(kernel, { interfaceName: "va", interfaceIndex: 2 }, () => undefined);
    // @ts-expect-error an index has no name by which the device could come back
    watchInterface(kernel, 2, () => undefined);
  });

  it("hand out the sockets that were opened", () => {
    keepOpen(kernel, open, {
      onOpen: (socket) => void expectTypeOf(socket).toEqualTypeOf<XdpSocket>(),
    });
    // @ts-expect-error nobody would take the socket
    keepOpen(kernel, open, {});
    // @ts-expect-error no such policy
    keepOpen(kernel, open, { onOpen: () => undefined, reopen: "always" });
  });

  it("know the fields of rules and counts", () => {
    addFlowRule(kernel, "va", { protocol: "udp4", queue: 0, destinationPort: 9000 });
    // @ts-expect-error the queue is needed
    addFlowRule(kernel, "va", { protocol: "udp4" });
    // @ts-expect-error maxima are the driver's
    changeChannels(kernel, "va", { maxRx: 2 });
  });
});
