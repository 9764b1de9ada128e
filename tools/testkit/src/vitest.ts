/** What tests run by vitest need beside the rest: apart, so that the rest can be used without it. */
export { describeOnKernel } from "./describe-on-kernel.js";
export { useLab } from "./use-lab.js";
