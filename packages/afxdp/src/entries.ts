import { AttachableProgram, type SocketMap, XskMap } from "@afxdp/bpf";
import { type Fd, isXdpError, type Kernel, XdpError } from "@afxdp/core";

/** A map of the kernel by its id; a SocketMap that the user wrote, by itself. */
type MapIdentity = number | SocketMap;

/** Keys at which sockets of this thread are entered: the kernel would let one take the place of another in silence. */
const taken = new WeakMap<Kernel, Map<MapIdentity, Set<number>>>();

function identify(kernel: Kernel, sockets: SocketMap): MapIdentity {
  if (sockets instanceof XskMap) return sockets.id;
  if (sockets instanceof AttachableProgram) return kernel.mapInfo(sockets.socketMap).id;
  return sockets;
}

/**
 * Enters a socket at a key that no other socket of this thread has. Returns what takes it out again.
 *
 * @throws XdpError ERR_XDP_CONFLICT when another has it; as `SocketMap.enter`
 */
export function enterAt(kernel: Kernel, sockets: SocketMap, key: number, fd: Fd): () => void {
  const identity = identify(kernel, sockets);
  const maps = taken.get(kernel) ?? new Map<MapIdentity, Set<number>>();
  taken.set(kernel, maps);
  const keys = maps.get(identity) ?? new Set<number>();
  if (keys.has(key)) {
    throw new XdpError(
      "ERR_XDP_CONFLICT",
      `Key ${key} of the XSKMAP of ${sockets.name} is another open socket's.`,
      { hint: "Give each socket a `key` of its own, and the program a way to choose." },
    );
  }
  sockets.enter(key, fd);
  maps.set(identity, keys.add(key));
  return () => {
    keys.delete(key);
    if (keys.size === 0 && maps.get(identity) === keys) maps.delete(identity);
    try {
      sockets.leave(key);
    } catch (error) {
      // Whoever owns the map has closed it before; the kernel takes the entry out when the socket is released.
      if (!isXdpError(error) || error.code !== "ERR_XDP_CLOSED") throw error;
    }
  };
}
