import { ERRORS, isXdpError, XdpError, XdpOrderError, XdpSystemError } from "@afxdp/core";
import { describe, expect, it } from "vitest";

describe("an error", () => {
  it("of every code has a cause and a cure that are sentences", () => {
    for (const [code, entry] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^ERR_XDP_[A-Z_]+$/);
      expect(Object.keys(entry)).toEqual(["cause", "cure"]);
      expect(entry.cause).toMatch(/^[A-Z].*[.]$/);
      expect(entry.cure).toMatch(/^[A-Z].*[.)]$/);
    }
  });

  it("carries code, cure and cause, and the cure of the case where there is one", () => {
    const cause = new Error("why");
    const error = new XdpError("ERR_XDP_RING_SIZE", "too large", { cause });
    expect(error).toMatchObject({ code: "ERR_XDP_RING_SIZE", message: "too large", cause });
    expect(error.hint).toBe(ERRORS.ERR_XDP_RING_SIZE.cure);
    expect(new XdpError("ERR_XDP_RING_SIZE", "", { hint: "so" }).hint).toBe("so");
    expect("cause" in new XdpError("ERR_XDP_RING_SIZE", "")).toBe(false);
  });

  it("is recognised across two copies of the package", async () => {
    const copy = new URL("../dist/errors/xdp-error.js?copy", import.meta.url).href;
    const other = (await import(/* @vite-ignore */ copy)) as { XdpError: typeof XdpError };
    const error = new other.XdpError("ERR_XDP_CLOSED", "");
    expect(error).not.toBeInstanceOf(XdpError);
    expect(isXdpError(error)).toBe(true);
    expect(isXdpError(new Error("ERR_XDP_CLOSED"))).toBe(false);
  });

  it("of an abort is an AbortError by name, every other goes by its class", () => {
    expect(new XdpError("ERR_XDP_ABORTED", "").name).toBe("AbortError");
    expect(new XdpOrderError("rx", []).name).toBe("XdpOrderError");
    expect(String(new XdpError("ERR_XDP_CLOSED", "gone"))).toBe("XdpError: gone");
  });

  it("of the order says what may come next", () => {
    const error = new XdpOrderError("bind", ["rx", "tx"]);
    expect(error.message).toBe("bind: it is not its turn; next: rx or tx.");
    expect(error).toMatchObject({ code: "ERR_XDP_STATE", attempted: "bind", legal: ["rx", "tx"] });
    expect(error.hint).toContain("rx or tx");
  });
});

describe("a failed system call gets its code from step and errno", () => {
  it.each([
    ["socket", 1, "ERR_XDP_PERMISSION"],
    ["socket", 97, "ERR_XDP_KERNEL_UNSUPPORTED"],
    ["socket", 24, "ERR_XDP_SYSCALL"],
    ["umem", 105, "ERR_XDP_MEMLOCK"],
    ["bind", 16, "ERR_XDP_QUEUE_BUSY"],
    ["bind", -19, "ERR_XDP_NO_DEVICE"],
    ["bind", 22, "ERR_XDP_SYSCALL"],
    ["interface", 19, "ERR_XDP_NO_DEVICE"],
    ["xskmap", 7, "ERR_XDP_MAP_FULL"],
    ["attach", 16, "ERR_XDP_PROGRAM_PRESENT"],
    ["attach", 34, "ERR_XDP_ATTACH"],
    ["attach", 67, "ERR_XDP_DEVICE_GONE"],
    ["detach", 17, "ERR_XDP_PROGRAM_PRESENT"],
    ["pin", 2, "ERR_XDP_SYSCALL"],
    ["kick", 6, "ERR_XDP_DEVICE_GONE"],
    ["map", 13, "ERR_XDP_PERMISSION"],
  ] as const)("%s %i: %s", (step, errno, code) => {
    const error = new XdpSystemError({ step, syscall: "call", errno, given: "veth0" });
    expect(error).toMatchObject({ code, step, syscall: "call", errno: Math.abs(errno) });
    expect(error.message).toContain(`call failed for veth0: ${error.errnoName}`);
    expect(error.hint.length).toBeGreaterThan(10);
  });
});
