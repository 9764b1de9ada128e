/**
 * Single-producer single-consumer rings over shared memory, in the layout of AF_XDP's: between a program and the
 * kernel, or between two Workers.
 *
 * @packageDocumentation
 */
export { AddressConsumer } from "./address-consumer.js";
export { AddressProducer } from "./address-producer.js";
export type { RingAudit } from "./audit.js";
export { DescriptorConsumer } from "./descriptor-consumer.js";
export { DescriptorProducer } from "./descriptor-producer.js";
export { layoutRing, type PlannedRing, type RingLayout, type RingPlan } from "./layout.js";
export type { RingMemory } from "./memory.js";
export type { RingConsumer } from "./ring-consumer.js";
export type { RingProducer } from "./ring-producer.js";
export { checkRingSize, MAX_RING_ENTRIES } from "./ring-size.js";
