export { everyCut } from "./cuts.ts";
export { type Flood, flood } from "./flood.ts";
export type { Found, Hunted } from "./hunt.ts";
export { type HuntOrder, huntApart } from "./hunt-apart.ts";
export type { FuzzTarget, OpenStream, StreamParser, Tell, WholeParser } from "./target.ts";
