/** A change that can be undone. Whoever holds it undoes it: it is not undone by itself. */
export interface Undoable extends Disposable {
  /** Whether it is undone. */
  readonly restored: boolean;
  /** Puts back what was there before. Idempotent; when it throws, it can be called again. */
  restore(): void;
}

/** Makes an Undoable of what undoes it. */
export function undoable(undo: () => void): Undoable {
  let restored = false;
  const restore = (): void => {
    if (restored) return;
    undo();
    restored = true;
  };
  return {
    get restored() {
      return restored;
    },
    restore,
    [Symbol.dispose]: restore,
  };
}
