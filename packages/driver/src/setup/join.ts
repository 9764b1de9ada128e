import { type Sequence, XdpError } from "@afxdp/core";
import { requireFeature } from "../features/probe-features.js";
import type { Binding } from "./bind.js";
import { isSameQueue, nameOf, readyOf } from "./owner.js";
import type { Release } from "./release.js";
import type { SharedQueue, UmemShare } from "./share.js";
import type { ReadySocket, SharingOwner } from "./stages.js";
import type { Target } from "./target.js";

/** Whose frames and whose queue a set-up uses. */
export interface Joined {
  readonly share: UmemShare;
  readonly queue: SharedQueue;
  /** Whom it shares with, where it does: to be held, so that it is not collected before. */
  readonly owner: ReadySocket | undefined;
}

/** Enters a set-up as the first on its queue; what that leaves behind is seen to when it is closed. */
export function openQueue(
  share: UmemShare,
  { sequence, fd, target }: Binding,
  release: Release,
): SharedQueue {
  const queue = share.openQueue(target, sequence, fd);
  leaveQueue(share, target, release);
  return queue;
}

/** Apart, so that the task holds nothing of the set-up. */
function leaveQueue(share: UmemShare, target: Target, release: Release): void {
  release.add((clean) => share.closeQueue(target, clean));
}

/**
 * Step `shareUmem`.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CLOSED, ERR_XDP_CONFLICT, ERR_XDP_FEATURE; nothing has changed
 */
export function joinUmem(binding: Binding, release: Release, given: SharingOwner): Joined {
  const { kernel, sequence, target } = binding;
  sequence.check("shareUmem");
  const owner = readyOf(given, kernel);
  const { share } = owner;
  if (share.queueAt(target) !== undefined) {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `A socket of this UMEM is on ${nameOf(target)} already.`,
      {
        hint: "Share that socket's queue: shareQueue(socket).",
      },
    );
  }
  requireFeature(kernel, "sharedUmem");
  sequence.perform("shareUmem", () => sequence.dependOn(share.sequence));
  return { share, queue: openQueue(share, binding, release), owner };
}

/**
 * Step `shareQueue`.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CLOSED, ERR_XDP_CONFLICT; nothing has changed
 */
export function joinQueue(binding: Binding, release: Release, given: SharingOwner): Joined {
  const { kernel, sequence, target } = binding;
  sequence.check("shareQueue");
  const owner = readyOf(given, kernel);
  const { share } = owner;
  const queue = share.queueAt(owner.target);
  if (queue === undefined || !isSameQueue(owner.target, target)) {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `The owner to share with is on ${nameOf(owner.target)}, not on ${nameOf(target)}.`,
      { hint: "Share its UMEM only: shareUmem(owner)." },
    );
  }
  sequence.perform("shareQueue", () => {
    sequence.dependOn(share.sequence);
    sequence.dependOn(queue.sequence);
  });
  leaveOther(queue, release);
  return { share, queue, owner };
}

function leaveOther(queue: SharedQueue, release: Release): void {
  release.add((clean) => {
    if (!clean) queue.released = false;
  });
}

/** Whether a set-up uses a UMEM that another one has registered. */
export function isSharing({ share }: Joined, sequence: Sequence): boolean {
  return share.sequence !== sequence;
}
