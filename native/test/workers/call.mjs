import { createLinuxKernel } from "@afxdp/native";
import { makeArena } from "../by-hand.mjs";

/**
 * Calls one method of a Kernel in a process of its own and prints what it answered or threw. Given are the method and
 * its arguments as JSON, in which "$socket" stands for a socket and "$arena" for an arena.
 */
const [method, given] = process.argv.slice(2);
const kernel = createLinuxKernel();
const stands = { $socket: () => kernel.socket(), $arena: () => makeArena() };
const args = JSON.parse(given).map((arg) => stands[arg]?.() ?? arg);
const print = (value) => console.log(JSON.stringify(value));
try {
  print({ answer: kernel[method](...args) });
} catch (error) {
  const { name, code, message, hint, step, errnoName, feature, needed, allowed } = error;
  print({ name, code, message, hint, step, errnoName, feature, needed, allowed });
}
