import { InterfaceCalls } from "./interface-calls.js";

/** The memory of an arena, and how much of it may be locked. */
export abstract class MemoryCalls extends InterfaceCalls {}
