import * as ring from "@afxdp/ring";
import pass from "./ring.cjs";

pass(ring);
