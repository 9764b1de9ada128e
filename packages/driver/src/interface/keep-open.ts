import {
  checkCount,
  checkOptions,
  checkSignal,
  checkTimeout,
  type Kernel,
  throwIfAborted,
  XdpError,
} from "@afxdp/core";
import {
  DEFAULT_ATTEMPTS,
  type KeepOpenOptions,
  type KeptSocket,
  LONGEST_PAUSE_MS,
  type OpenSocket,
  SocketKeeper,
} from "./socket-keeper.js";

const OPTIONS = [
  ...["onOpen", "onLinkDown", "onLinkUp", "onDeviceGone", "onError"],
  ...["reopen", "maxAttempts", "backOffMs", "signal"],
];
const MAX_ATTEMPTS = 1000;

/**
 * Opens a socket and keeps it open: watches its interface by rtnetlink and, when the device is gone, closes the socket
 * and opens a new one as soon as a device of that name is there again with its link up. A link that goes down is only
 * told: the socket stays and works again when it is up. Nothing is polled. The sockets are the keeper's, which closes
 * them; `onOpen` gets each. Resolves when the first is open; ended by `close`, by the signal, by a callback that throws,
 * when attempts to open fail, and with `reopen: "never"` when the device is gone. Keeps the process alive until then.
 *
 * @param open opens a socket: called now, and again each time the device is back
 * @throws XdpError ERR_XDP_ARGUMENT, ERR_XDP_ABORTED, ERR_XDP_SYSCALL, and what the first `open` throws
 */
export async function keepOpen<Socket extends KeptSocket>(
  kernel: Kernel,
  open: OpenSocket<Socket>,
  options: KeepOpenOptions<Socket>,
): Promise<SocketKeeper<Socket>> {
  checkFunction("open", open);
  checkKeepOpen(options);
  const { signal } = options;
  throwIfAborted(signal);
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  abort.signal.addEventListener("abort", () => signal?.removeEventListener("abort", onAbort));
  try {
    const opened = async (wanted: AbortSignal): Promise<Socket> => checkSocket(await open(wanted));
    const first = await opened(abort.signal);
    try {
      throwIfAborted(signal);
      return new SocketKeeper(kernel, first, opened, options, abort);
    } catch (error) {
      await first.close();
      throw error;
    }
  } catch (error) {
    abort.abort();
    throw error;
  }
}

function checkKeepOpen(options: KeepOpenOptions<never>): void {
  checkOptions("keepOpen", options, OPTIONS);
  checkFunction("onOpen", options.onOpen);
  for (const name of ["onLinkDown", "onLinkUp", "onDeviceGone", "onError"] as const) {
    if (options[name] !== undefined) checkFunction(name, options[name]);
  }
  const { reopen = "whenBack", maxAttempts = DEFAULT_ATTEMPTS, backOffMs, signal } = options;
  if (reopen !== "never" && reopen !== "whenBack") {
    throw new XdpError(
      "ERR_XDP_ARGUMENT",
      `reopen ${JSON.stringify(reopen)} is neither "never" nor "whenBack".`,
    );
  }
  checkCount("maxAttempts", maxAttempts, MAX_ATTEMPTS);
  if (maxAttempts === 0) {
    throw new XdpError("ERR_XDP_ARGUMENT", 'maxAttempts 0: use reopen "never" to open once only.');
  }
  checkTimeout("backOffMs", backOffMs, LONGEST_PAUSE_MS);
  checkSignal(signal);
}

function checkSocket<Socket extends KeptSocket>(socket: Socket): Socket {
  const target = socket?.target;
  if (
    typeof socket?.close === "function" &&
    typeof target?.interfaceName === "string" &&
    Number.isInteger(target.interfaceIndex)
  ) {
    return socket;
  }
  throw new XdpError("ERR_XDP_ARGUMENT", "What was opened has no close() or no target.", {
    hint: "Have it return an XdpSocket, or an object with its `target` and a close() of its own.",
  });
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new XdpError("ERR_XDP_ARGUMENT", `${name} is not a function.`);
}
