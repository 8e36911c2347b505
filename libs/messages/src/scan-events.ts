import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { Scan } from "./scans.ts";

const ScanQuarantinedBody = Type.Object({ scan: Scan, code: Type.String() });
export type ScanQuarantined = Static<typeof ScanQuarantinedBody>;

/**
 * A scan of a tag that no item carries (yet). It is kept and decided when the tag is commissioned; of what a reader hears of
 * the tag at the same place meanwhile, the newest is decided in its stead.
 * operations says it; manager lists it. In the site's order, at least once.
 */
export const ScanQuarantined = event({
  type: "scan.quarantined.v1",
  entity: "scan",
  body: ScanQuarantinedBody,
});

/**
 * A scan of a tag that no item carries, refused because as many as may wait for that tag wait already. It is not decided
 * later; the event keeps what it said. operations says it; the tag's timeline shows it. In the site's order, at least once.
 */
export const ScanRefused = event({ type: "scan.refused.v1", entity: "scan", body: ScanQuarantinedBody });
