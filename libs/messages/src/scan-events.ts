import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { Scan } from "./scans.ts";

const ScanQuarantinedBody = Type.Object({ scan: Scan, code: Type.String() });
export type ScanQuarantined = Static<typeof ScanQuarantinedBody>;

/**
 * A scan of a tag that no item carries (yet). It is kept and decided when the tag is commissioned.
 * operations says it; manager lists it. In the site's order, at least once.
 */
export const ScanQuarantined = event({
  type: "scan.quarantined.v1",
  entity: "scan",
  body: ScanQuarantinedBody,
});
