import { XdpOrderError } from "../errors/order-error.js";
import { isXdpError, XdpError } from "../errors/xdp-error.js";
import { legalSteps, type StepName } from "./steps.js";

/**
 * Undoes one step. With `now` true it must finish before it returns; otherwise it may return a promise.
 * It must be safe to run while the process exits.
 */
export type Undo = (now: boolean) => void | Promise<void>;

/**
 * One run through the table of set-up steps: lets a step happen only in its turn, remembers what undoes it, and
 * undoes everything in reverse when a step fails or on close. What depends on it is closed first.
 */
export class Sequence {
  readonly #done = new Set<StepName>();
  readonly #undos: { readonly step: StepName; readonly undo: Undo }[] = [];
  readonly #foundations = new Set<Sequence>();
  readonly #dependents = new Set<Sequence>();
  #running: StepName | undefined;
  #closing: Promise<unknown[]> | undefined;
  #closed = false;

  /** The steps taken so far, in order. */
  get done(): readonly StepName[] {
    return [...this.#done];
  }

  /** Whether everything has been undone, or is about to be. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many sequences depend on this one and are not closed to the end. */
  get dependents(): number {
    return this.#dependents.size;
  }

  /** From now on this one uses what `foundation` has made: when that is closed, this one is closed first. */
  dependOn(foundation: Sequence): void {
    this.#foundations.add(foundation);
    foundation.#dependents.add(this);
  }

  /** The steps that may come next; none while one is under way or after close. */
  legal(): readonly StepName[] {
    return this.#closed || this.#running !== undefined ? [] : legalSteps(this.#done);
  }

  /** Throws ERR_XDP_CLOSED after close, and XdpOrderError when `step` is not legal now. Changes nothing. */
  check(step: StepName): void {
    if (this.#closed) {
      throw new XdpError(
        "ERR_XDP_CLOSED",
        `${step}: the set-up is closed; nothing more may follow.`,
      );
    }
    if (this.#running !== undefined) {
      throw new XdpOrderError(step, [], `step ${this.#running} is still under way`);
    }
    const legal = legalSteps(this.#done);
    if (!legal.includes(step)) {
      const why = this.#done.has(step) ? "it has been done" : "it is not its turn";
      throw new XdpOrderError(step, legal, why);
    }
  }

  /**
   * Takes a step: checks its turn, runs `action`, and remembers `undo`. When `action` throws, everything done
   * before is undone, the sequence is closed, and the error passes through with what failed on the way in its
   * `suppressed`. An action that has to clean up after itself does so before it throws.
   */
  perform<T>(step: StepName, action: () => T, undo?: (value: T) => Undo): T {
    this.check(step);
    let value: T;
    try {
      value = action();
    } catch (error) {
      suppress(error, this.closeNow());
      throw error;
    }
    this.#commit(step, undo?.(value));
    return value;
  }

  /** The same for an action that takes time. No other step may begin meanwhile; close waits for nothing. */
  async performAsync<T>(
    step: StepName,
    action: () => Promise<T>,
    undo?: (value: T) => Undo,
  ): Promise<T> {
    this.check(step);
    this.#running = step;
    let value: T;
    try {
      value = await action();
      if (this.#closed) {
        await undo?.(value)(false);
        throw new XdpError("ERR_XDP_CLOSED", `${step}: the set-up was closed meanwhile.`);
      }
    } catch (error) {
      suppress(error, await this.close());
      throw error;
    } finally {
      this.#running = undefined;
    }
    this.#commit(step, undo?.(value));
    return value;
  }

  #commit(step: StepName, undo: Undo | undefined): void {
    this.#done.add(step);
    if (undo !== undefined) this.#undos.push({ step, undo });
  }

  /** Undoes everything in reverse. Resolves to the errors met on the way; a second call gives the same promise. */
  close(): Promise<unknown[]> {
    this.#closed = true;
    this.#closing ??= this.#unwind();
    return this.#closing;
  }

  async #unwind(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const dependent of [...this.#dependents].reverse()) {
      errors.push(...(await dependent.close()));
    }
    for (let entry = this.#undos.pop(); entry !== undefined; entry = this.#undos.pop()) {
      try {
        await entry.undo(false);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#leaveFoundations();
    return errors;
  }

  /** Undoes everything in reverse before it returns; takes over from a `close` that is under way. */
  closeNow(): unknown[] {
    this.#closed = true;
    const errors = [...this.#dependents].reverse().flatMap((dependent) => dependent.closeNow());
    for (let entry = this.#undos.pop(); entry !== undefined; entry = this.#undos.pop()) {
      try {
        void entry.undo(true);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#closing ??= Promise.resolve(errors);
    this.#leaveFoundations();
    return errors;
  }

  #leaveFoundations(): void {
    for (const foundation of this.#foundations) foundation.#dependents.delete(this);
  }
}

function suppress(error: unknown, met: readonly unknown[]): void {
  if (isXdpError(error)) error.suppressed.push(...met);
}
