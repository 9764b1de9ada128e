import * as facade from "afxdp";
import exchange from "./socket.cjs";

await exchange(facade);
