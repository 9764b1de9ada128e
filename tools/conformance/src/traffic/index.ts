/** What the suite's packets are and how they are checked: apart, for tests of it. */
export { Completions } from "./completions.js";
export { checkPiece, macOf, type Piece, writePiece } from "./payload.js";
