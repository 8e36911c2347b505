import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { Scan } from "./scans.ts";

const ScanQuarantinedBody = Type.Object({
  scan: Scan,
  code: Type.String(),
  /** What is odd about the scan's clock; absent when nothing is, and in events of before it was said. */
  flags: Type.Optional(Type.Array(Type.String())),
  /** In a session: the device that scanned it, where its request named it. */
  countedBy: Type.Optional(Type.String()),
  tid: Type.Optional(Type.String({ description: "the number of the tag's chip, where a reader read it" })),
});
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
 * A person's or device's scan that is not decided later, refused because as many as may wait for its tag wait already
 * (`quarantine_full`), because its id is another scan's (`id_reused`), or because what it names is no tag (`tag_malformed`): then the event has none, and `scan` what was written, with
 * U+FFFD for what no database takes. The event keeps what the scan said. operations says it; the tag's timeline shows it. In the
 * site's order, at least once.
 */
export const ScanRefused = event({ type: "scan.refused.v1", entity: "scan", body: ScanQuarantinedBody });

const ScanDismissedBody = Type.Object({
  scans: Type.Array(Type.String(), { description: "ids of the scans that waited" }),
  reason: Type.String(),
});
export type ScanDismissed = Static<typeof ScanDismissedBody>;

/**
 * Somebody decided that the scans which waited for a tag are never decided, and said why. They stay in the log and in the tag's timeline;
 * their receipts say `dismissed` as what became of them later. A scan of the tag that comes afterwards waits anew.
 * operations says it; manager takes them off what is held. In the site's order, at least once.
 */
export const ScanDismissed = event({ type: "scan.dismissed.v1", entity: "scan", body: ScanDismissedBody });
