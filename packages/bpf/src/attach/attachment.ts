/** Where a program runs: in the driver, in the kernel's stack, or on the card. */
export type AttachedMode = "drv" | "skb" | "hw";

/**
 * A program on an interface. By link it stays until detached, or until the process ends, however it ends; longer when
 * the link is pinned. By netlink it stays until detached.
 */
export interface Attachment {
  readonly mode: AttachedMode;
  readonly by: "link" | "netlink";
  /** Where the link is pinned. */
  readonly pin: string | undefined;
  /** The kernel's id of the program that made room; `detach` puts it back. */
  readonly replaced: number | undefined;
  /** Whether neither `detach` nor `release` has been called. */
  readonly held: boolean;
  /**
   * Takes the program off the interface, with its link's pin, or puts the program back that it replaced. A program
   * that somebody else has put there since is left alone. Where the link was pinned, the kernel takes the program off
   * a moment after the call (it frees the pin later). Idempotent.
   *
   * @throws XdpError ERR_XDP_NO_DEVICE, by netlink, in another network namespace than that of the interface; the
   *   attachment is held still
   */
  detach(): void;
  /**
   * Closes our descriptors only: what is pinned or went by netlink, and what replaced a program on somebody else's
   * link, stays attached. Any other link ends with its descriptor. Idempotent.
   */
  release(): void;
  /** What closing the program does: `release` where the link is pinned, else `detach`. */
  close(): void;
}

/** What makes an {@link Attachment}: its two ways to end run once, one or the other. */
export interface Ending {
  /** What has to hold for `detach`; when it throws, the attachment is held still. */
  readonly check?: () => void;
  readonly detach: () => void;
  readonly release: () => void;
}

type Facts = Pick<Attachment, "mode" | "by"> & Partial<Pick<Attachment, "pin" | "replaced">>;

export function makeAttachment(facts: Facts, ending: Ending): Attachment {
  const { mode, by, pin, replaced } = facts;
  let held = true;
  const end = (way: () => void): void => {
    if (!held) return;
    if (way === ending.detach) ending.check?.();
    held = false;
    way();
  };
  return {
    mode,
    by,
    pin,
    replaced,
    get held() {
      return held;
    },
    detach: () => end(ending.detach),
    release: () => end(ending.release),
    close: () => end(pin === undefined ? ending.detach : ending.release),
  };
}
