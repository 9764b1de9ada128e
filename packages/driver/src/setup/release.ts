/**
 * What is to be done when a socket's descriptor has been closed. It is apart from the set-up, so that what undoes a
 * step does not hold the set-up, which could never be collected then.
 */
export class Release {
  /** Whether everything that was undone so far was undone without an error. */
  clean = true;
  readonly #tasks: ((clean: boolean) => void)[] = [];

  /** Adds a task; `clean` tells it whether the kernel has really let go of the socket. */
  add(task: (clean: boolean) => void): void {
    this.#tasks.push(task);
  }

  /** Runs what must be undone; an error makes the release an unclean one, and passes on. */
  attempt(undo: () => void): void {
    try {
      undo();
    } catch (error) {
      this.clean = false;
      throw error;
    }
  }

  run(): void {
    for (const task of this.#tasks.splice(0)) task(this.clean);
  }
}
