import { once } from "node:events";
import { promiscuous } from "@afxdp/driver";
import { createLinuxKernel } from "@afxdp/native";
import { footprint } from "@afxdp/testkit";
import { describeOnKernel, useLab } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

describeOnKernel("promiscuous", () => {
  const lab = useLab();
  const kernel = createLinuxKernel();
  /** How many ask for it, as the kernel counts. */
  const count = (): number =>
    Number(/promiscuity (\d+)/.exec(lab.a.run("ip", "-d", "link", "show", "dev", "va"))?.[1]);
  const index = (): number => kernel.interfaceState("va").index;

  it("lasts until it is closed, and is counted with others", () => {
    const before = footprint();
    const first = promiscuous(kernel, index());
    expect(first).toMatchObject({ interfaceIndex: index(), closed: false });
    const second = promiscuous(kernel, index());
    expect(count()).toBe(2);
    first.close();
    first.close();
    expect(first.closed).toBe(true);
    expect(count()).toBe(1);
    second[Symbol.dispose]();
    expect(count()).toBe(0);
    expect(footprint()).toEqual(before);
  });

  it("ends with the process, however that ends", async () => {
    const program = `
      import { promiscuous } from "@afxdp/driver";
      import { createLinuxKernel } from "@afxdp/native";
      promiscuous(createLinuxKernel(), ${index()});
      console.log("on");
      setInterval(() => undefined, 1000);`;
    const child = lab.a.spawn(process.execPath, ["--input-type=module", "-e", program], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout as NodeJS.ReadableStream, "data");
    expect(count()).toBe(1);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(count()).toBe(0);
  });

  it("can be closed when the device is gone", () => {
    const before = footprint();
    lab.a.run("ip", "link", "add", "name", "vx", "type", "veth");
    const mode = promiscuous(kernel, kernel.interfaceState("vx").index);
    lab.a.run("ip", "link", "delete", "dev", "vx");
    mode.close();
    expect(footprint()).toEqual(before);
  });

  it("refuses what is no index, and an index that no device has", () => {
    const before = footprint();
    for (const wrong of [-1, 1.5, 2 ** 31, "1", undefined]) {
      expect(() => promiscuous(kernel, wrong as number)).toThrow(
        expect.objectContaining({ code: "ERR_XDP_ARGUMENT" }),
      );
    }
    expect(() => promiscuous(kernel, 0x7fff_fff0)).toThrow(
      expect.objectContaining({ code: "ERR_XDP_NO_DEVICE" }),
    );
    expect(footprint()).toEqual(before);
  });
});
