import { type Fd, type Kernel, runAll, type Sequence, type Undo } from "@afxdp/core";
import type { SocketIo } from "../io/socket-io.js";
import { cutOff, drain } from "./drain.js";
import { closedProperly, closeOnExit } from "./exit.js";
import type { IoSlot } from "./fit-io.js";
import type { MappedRings } from "./map-rings.js";
import { type MappedMemory, type MemoryOutcome, type MemoryPlan, mapMemory } from "./memory.js";
import type { Release } from "./release.js";

/*
 * The steps that have an undoing. They are performed out here: an undo that was made inside of the set-up would hold it
 * for as long as the sequence is open, and a set-up that is dropped could never be collected.
 */

/** Step `socket`. */
export function openSocket(kernel: Kernel, sequence: Sequence, release: Release): Fd {
  const fd = sequence.perform(
    "socket",
    () => kernel.socket(),
    (opened) => () => {
      closedProperly(sequence);
      const close = (): void => release.attempt(() => kernel.close(opened));
      runAll([close, () => release.run()]);
    },
  );
  closeOnExit(sequence);
  return fd;
}

/** Step `umem`: puts memory under the UMEM where that was planned, and registers it. */
export function performUmem(
  sequence: Sequence,
  release: Release,
  kernel: Kernel,
  plan: MemoryPlan,
  register: () => void,
): { readonly memory: MemoryOutcome } {
  const mapped = sequence.perform(
    "umem",
    () => registered(mapMemory(kernel, plan), register),
    (memory) => undoUnmap(release, memory),
  );
  return { memory: mapped.outcome };
}

function registered(memory: MappedMemory, register: () => void): MappedMemory {
  try {
    register();
    return memory;
  } catch (error) {
    const rethrow = (): never => {
      throw error;
    };
    runAll([rethrow, () => memory.unmap()]);
    throw error;
  }
}

/** Step `map`. */
export function performMap(
  sequence: Sequence,
  release: Release,
  map: () => MappedRings,
): MappedRings {
  return sequence.perform("map", map, (mapped) => undoUnmap(release, mapped));
}

function undoUnmap(release: Release, mapped: { unmap(): void }): Undo {
  return () => release.attempt(() => mapped.unmap());
}

/** Step `prefill`. */
export function performPrefill(sequence: Sequence, release: Release, make: () => SocketIo): IoSlot {
  return sequence.perform(
    "prefill",
    () => prefilled(make()),
    (slot) => undoPrefill(slot, release),
  );
}

function prefilled(io: SocketIo): IoSlot {
  io.refill();
  return { io };
}

function undoPrefill(slot: IoSlot, release: Release): Undo {
  release.add(() => cutOff(slot.io));
  return (now) => drain(slot.io, now);
}
