import { readFileSync } from "node:fs";
import { createLinuxKernel } from "@afxdp/native";
import { makeArena } from "../by-hand.mjs";

/**
 * Calls one method of a Kernel in a process of its own and prints what it answered or threw. Given are the method and
 * its arguments as JSON, in which "$socket" stands for a socket, "$arena" for an arena and "$image" for a
 * program of section xdp.frags.
 */
const [method, given] = process.argv.slice(2);
const kernel = createLinuxKernel();
const image = () => ({
  object: readFileSync(new URL("../../build/test/redirect.o", import.meta.url)),
});
const stands = { $socket: () => kernel.socket(), $arena: () => makeArena(), $image: image };
const args = JSON.parse(given).map((arg) => stands[arg]?.() ?? arg);
const print = (value) => console.log(JSON.stringify(value));
try {
  print({ answer: kernel[method](...args) });
} catch (error) {
  const { name, code, message, hint, step, errnoName, feature, needed, allowed } = error;
  print({ name, code, message, hint, step, errnoName, feature, needed, allowed });
}
