import { requireFeature } from "../features/probe-features.js";
import type { SocketIo } from "../io/socket-io.js";
import { type Binding, type BindWish, bindOwn, bindShared, checkBindOptions } from "./bind.js";
import { crossingPages, refuseCrossing } from "./crossing-pages.js";
import { isSharing, type Joined } from "./join.js";
import { feedForZeroCopy } from "./prefill-sender.js";
import type { BindOptions } from "./stages.js";

/** What binding came to, but for what XDP_OPTIONS tells. */
export interface Bound {
  readonly copyReason: string | undefined;
  readonly multiBuffer: boolean;
}

/**
 * Step `bind`.
 *
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_CONFLICT, ERR_XDP_FEATURE, and nothing has changed; what binding meets, and
 * all is undone
 */
export function performBind(
  binding: Binding,
  joined: Joined,
  io: SocketIo,
  options: BindOptions,
): Promise<Bound> {
  binding.sequence.check("bind");
  const sharing = isSharing(joined, binding.sequence);
  const wish = checkBindOptions(options, sharing);
  return sharing ? bindSharer(binding, joined, io, wish) : bindOwner(binding, joined, io, wish);
}

async function bindOwner(
  binding: Binding,
  { share }: Joined,
  io: SocketIo,
  wish: BindWish,
): Promise<Bound> {
  const { kernel, sequence, target } = binding;
  const { multiBuffer } = wish;
  const crossing =
    wish.zeroCopy === "never"
      ? undefined
      : crossingPages(share.umem.geometry, share.memory.pageSize);
  const zeroCopy = crossing === undefined ? wish.zeroCopy : refuseCrossing(wish.zeroCopy, crossing);
  if (multiBuffer) requireFeature(kernel, "multiBuffer");
  const refused = await sequence.performAsync("bind", () => {
    if (zeroCopy !== "never") feedForZeroCopy(io, target);
    return bindOwn(binding, { ...wish, zeroCopy });
  });
  return { copyReason: refused ?? crossing, multiBuffer };
}

async function bindSharer(
  binding: Binding,
  { share, queue }: Joined,
  io: SocketIo,
  wish: BindWish,
): Promise<Bound> {
  const { sequence, fd, target } = binding;
  const { zeroCopy = false, copyReason, multiBuffer = false } = share.mode ?? {};
  // On a queue of its own it shares with the UMEM's owner, which stays; the one that was named may close meanwhile.
  const ownerFd = queue.fd === fd ? share.fd : queue.fd;
  await sequence.performAsync("bind", async () => {
    if (zeroCopy) feedForZeroCopy(io, target);
    await bindShared(binding, ownerFd, zeroCopy, wish);
    if (!sequence.closed) share.bound(target);
  });
  return { copyReason, multiBuffer };
}
