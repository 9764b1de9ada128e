import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ROOT } from "./plan.mjs";
import { Stop, say } from "./stop.mjs";

/**
 * Runs a command with this terminal and returns its exit status.
 *
 * Ctrl-C reaches the child as well as us (one process group): we wait until it has cleaned up,
 * then stop with 130. A SIGTERM that only we got is passed on.
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: "inherit", ...options });
  return end(child, command);
}

/**
 * Runs a command whose output matters only if it fails. Says `label` when it takes longer than
 * a second, and stops with the output and `cure` when it fails.
 */
export async function quietly(label, command, args, { cure, ...options } = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  const timer = setTimeout(() => say(label), 1000);
  const status = await end(child, command).finally(() => clearTimeout(timer));
  if (status !== 0) {
    process.stderr.write(Buffer.concat(output));
    throw new Stop(`${command} ${args.join(" ")}\nfailed with status ${status}. ${cure}`, status);
  }
}

async function end(child, command) {
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  const terminate = () => {
    interrupted = true;
    child.kill("SIGTERM");
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  try {
    const status = await new Promise((resolve, reject) => {
      child.on("error", (cause) => reject(new Stop(`${command} cannot be run: ${cause.message}`)));
      child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    });
    if (interrupted) throw new Stop("", 130);
    return status;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", terminate);
  }
}
