import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLab } from "@afxdp/testkit";
import { describeOnKernel } from "@afxdp/testkit/vitest";
import { expect, it } from "vitest";

const script = (name: string): string =>
  fileURLToPath(new URL(`./support/${name}.mjs`, import.meta.url));

/** Ten million by default; the runs on other Node lines take fewer to stay within CI's time. */
const COUNT = Number(process.env.AFXDP_SOAK_PACKETS ?? 10_000_000);

describeOnKernel("the receive loop", () => {
  it("takes ten million packets without a garbage collection and with one native call per batch at most", async () => {
    const lab = createLab();
    try {
      // The memory reducer tidies up after the start whenever it likes; what the loop allocates it does not.
      const flags = ["--trace-gc", "--expose-gc", "--no-memory-reducer"];
      const args = [...flags, script("soak"), lab.a.device, String(COUNT)];
      const soak = lab.a.spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const flood = lab.b.spawn(process.execPath, [
        ...[script("flood"), lab.b.device, lab.b.mac, lab.a.mac],
      ]);
      let output = "";
      soak.stdout?.on("data", (chunk) => {
        output += chunk;
      });
      const [status] = await once(soak, "close");
      flood.kill();
      expect(status).toBe(0);
      const lines = output.trim().split("\n");
      const during = lines.slice(lines.indexOf("begin") + 1, lines.indexOf("end"));
      const result = JSON.parse(lines.findLast((line) => line.startsWith("{")) ?? "{}");
      expect(result.taken).toBeGreaterThanOrEqual(COUNT);
      expect(result).toMatchObject({ whole: true, rxInvalid: 0, invalidCompletions: 0 });
      expect(during.filter((line) => / ms: /.test(line))).toEqual([]);
      expect(result.mostCalls).toBe(1);
      const { free, fill, total } = result.frames;
      expect(free + fill).toBe(total);
      const { taken, batches, mostCalls, heapGrown } = result;
      console.log(
        `${taken} packets in ${batches} batches, ${mostCalls} native call per batch at most, ` +
          `${during.length} collections, heap grown by ${heapGrown} bytes`,
      );
    } finally {
      lab.close();
    }
  }, 300_000);
});
