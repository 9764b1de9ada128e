/** Ends the run with a message for the person at the terminal, without a stack. */
export class Stop extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Prints one line of progress. */
export function say(text) {
  console.log(`afxdp: ${text}`);
}
