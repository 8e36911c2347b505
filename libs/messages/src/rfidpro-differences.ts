import Type, { type Static, type TSchema } from "typebox";
import { ClientId, Instant, SiteId, storableText, visibleText } from "./ids.ts";
import { question } from "./question.ts";
import { pullVerdicts } from "./rfidpro-runs.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * In what RFIDpro and operations differ. Of a thing: it is on one side only (`only_in_rfidpro`, `missing_from_rfid`), its state
 * (`status_mismatch`), where it is (`location_mismatch`), back on one side and out on the other (`return_not_recorded`), out on two
 * contracts (`double_booked`), last seen at another time or in a state that no scan explains (`state_without_event`). Of a scan:
 * it is on one side only (`only_in_rfidpro`, `only_in_ops`), RFIDpro took it long after it was made (`late_upload`), the
 * two clocks differ (`clock_skew`). Of a rental class: how many there are (`quantity_mismatch`). Of RFIDpro alone: the same row more than
 * once (`duplicate`), or one that says nothing that can be compared (`malformed`). The point of sale is not compared, so that
 * `missing_from_pos` cannot be told here.
 */
export const rfidproDifferenceClasses = [
  "only_in_rfidpro",
  "missing_from_rfid",
  "only_in_ops",
  "status_mismatch",
  "location_mismatch",
  "quantity_mismatch",
  "return_not_recorded",
  "double_booked",
  "state_without_event",
  "late_upload",
  "clock_skew",
  "duplicate",
  "malformed",
] as const;
export type RfidproDifferenceClass = (typeof rfidproDifferenceClasses)[number];

/**
 * pending ──seen again, and nothing happened meanwhile──► open ──► acknowledged ──► resolved │ false_positive
 *
 * `pending` touches what happened while RFIDpro was read; the next run that could tell it decides, and one is begun for it while the site is
 * parallel. `gone`: two runs in a row that could have told it did not see it any more. What comes back is open again, and another signature is news to whoever acknowledged or resolved the one before.
 */
export const rfidproDifferenceStates = [
  "pending",
  "open",
  "acknowledged",
  "resolved",
  "false_positive",
  "gone",
] as const;
export type RfidproDifferenceState = (typeof rfidproDifferenceStates)[number];

export const rfidproResolutions = [
  "fixed_in_operations",
  "fixed_in_rfidpro",
  "accepted_difference",
  "false_positive",
] as const;

const Side = nullable(Type.Record(Type.String(), Type.Unknown()));
export const RfidproDifference = Type.Object({
  id: ClientId,
  site: SiteId,
  class: Type.Enum(rfidproDifferenceClasses),
  kind: Type.Enum(["item", "scan", "class"] as const),
  key: Type.String({
    description: "what names it: a tag, a tag with the type and time of a scan, a rental class",
  }),
  tag: nullable(Type.String()),
  fields: Type.Array(Type.String(), { description: "those of which both sides say something else" }),
  rfidpro: Side,
  operations: Side,
  state: Type.Enum(rfidproDifferenceStates),
  fingerprint: Type.String({ description: "of class, kind and key: one record for each" }),
  signature: Type.String({ description: "of what both sides say: another one is news" }),
  revision: Type.Integer({ description: "how many signatures there have been" }),
  owner: nullable(Type.String()),
  dueAt: nullable(Instant),
  resolution: nullable(Type.Enum(rfidproResolutions)),
  firstRun: ClientId,
  lastRun: ClientId,
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  seen: Type.Integer({ description: "by how many runs" }),
  missed: Type.Integer({
    description: "by how many runs in a row that could have told it was it not seen any more",
  }),
  recheckAt: Type.Optional(
    nullable(
      Type.String({
        description:
          "an instant: of one to which something happened while a run read, pending or open before, when RFIDpro is read again by itself to decide it; null where the next pull that somebody begins does",
      }),
    ),
  ),
  reopened: Type.Integer(),
  version: Type.Integer(),
});
export type RfidproDifference = Static<typeof RfidproDifference>;

/** A line of the history of a difference. Lines are only ever added. */
export const RfidproDifferenceChange = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  what: Type.String(),
  by: Type.String({ description: "a person; tagwire when a run did it" }),
  why: nullable(Type.String()),
});
export type RfidproDifferenceChange = Static<typeof RfidproDifferenceChange>;

export const rfidproDifferenceActs = ["acknowledge", "resolve", "reopen", "assign"] as const;
export type RfidproDifferenceAct = (typeof rfidproDifferenceActs)[number];

export const ActOnRfidproDifference = Type.Object(
  {
    why: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, pattern: storableText })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 120, pattern: visibleText })),
    dueAt: Type.Optional(Instant),
    resolution: Type.Optional(Type.Enum(rfidproResolutions)),
  },
  { additionalProperties: false },
);
export type ActOnRfidproDifference = Static<typeof ActOnRfidproDifference>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** What a comparison came to, with the numbers that it is made of. */
export const RfidproAgreement = Type.Object({
  score: nullable(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: "(items + scans that agree) of those that could be told; null of none",
    }),
  ),
  items: Type.Object({
    compared: count("tags that either side has, without those that only one could have"),
    agreed: count("those without a difference"),
    differing: count("those with one"),
    pending: count("those that something happened to meanwhile; they count for neither"),
    ahead: Type.Optional(
      count(
        "those that were changed here since RFIDpro took its last scan from anybody; they count for neither",
      ),
    ),
  }),
  scans: Type.Object({
    compared: count("scans that either side has"),
    agreed: count("those that both have"),
    differing: count("those that differ, or that one side has alone"),
    pending: count("those that came meanwhile"),
    ahead: Type.Optional(
      count(
        "those that were made here since RFIDpro took its last one from anybody, and are not in compared",
      ),
    ),
  }),
  faults: Type.Object(
    {
      duplicate: count("rows that RFIDpro has more than once"),
      malformed: count("rows of RFIDpro that say nothing that can be compared"),
      unexplained: count(
        "things that it says were seen last at a time that its own, newer scans do not explain",
      ),
    },
    { description: "what is wrong on the side of RFIDpro alone; it is no disagreement and not in the score" },
  ),
  classes: Type.Partial(
    Type.Object(
      Object.fromEntries(rfidproDifferenceClasses.map((name) => [name, Type.Integer()])) as Record<
        RfidproDifferenceClass,
        Type.TInteger
      >,
    ),
  ),
});
export type RfidproAgreement = Static<typeof RfidproAgreement>;

/** Somebody who scanned with an old scanner, as RFIDpro names them: ours never tell RFIDpro anything. */
export const RfidproOldScanner = Type.Object({
  name: Type.String({ description: "as RFIDpro has it; it keeps no name of a device" }),
  scans: Type.Integer({ minimum: 1 }),
  lastAt: Type.String({ description: "when RFIDpro took the last of them" }),
});
export type RfidproOldScanner = Static<typeof RfidproOldScanner>;

/** What was compared, when, with what, and what came of it: what a person signs. */
export const RfidproComparison = Type.Object({
  run: ClientId,
  site: SiteId,
  comparedAt: Instant,
  window: Type.Object({ from: Instant, to: Instant }),
  verdict: Type.Enum(pullVerdicts),
  isComplete: Type.Object({
    items: Type.Boolean({ description: "whether what is not in RFIDpro's items can be told missing" }),
    transactions: Type.Boolean({ description: "the same of its scans" }),
  }),
  position: Type.Object(
    { epoch: Type.Integer(), pos: Type.Integer() },
    { description: "of operations' log" },
  ),
  capability: nullable(Type.Record(Type.String(), Type.Unknown())),
  manifest: nullable(Type.String()),
  differences: Type.Integer(),
  differencesHash: Type.String({
    description: "SHA-256 over fingerprints and signatures of all of them, in order",
  }),
  agreement: RfidproAgreement,
  oldScanners: Type.Optional(
    nullable(
      Type.Array(RfidproOldScanner, {
        description:
          "whose scans RFIDpro took in the seven days before the pull, the last one first; null where not all scans were read",
      }),
    ),
  ),
});
export type RfidproComparison = Static<typeof RfidproComparison>;

/** Who signed which report when. `hash` is that of the comparison as it was. */
export const RfidproSignature = Type.Object({
  run: ClientId,
  hash: Type.String({ description: "SHA-256 of the comparison in canonical JSON, in hex" }),
  name: Type.String(),
  by: Type.String(),
  at: Instant,
  signature: Type.String({ description: "Ed25519 over the comparison in canonical JSON, base64" }),
  publicKey: Type.String({ description: "SPKI in PEM" }),
});
export type RfidproSignature = Static<typeof RfidproSignature>;

export const differencesPerPageMax = 200;
const page = {
  limit: Type.Integer({ minimum: 1, maximum: differencesPerPageMax }),
  cursor: nullable(Type.String()),
};
const filter = {
  classes: Type.Optional(Type.Array(Type.Enum(rfidproDifferenceClasses))),
  states: Type.Optional(Type.Array(Type.Enum(rfidproDifferenceStates))),
  q: Type.Optional(Type.String({ maxLength: 200, pattern: storableText })),
};

/** Differences of one run, as it saw them, or of a site as they are now; the newest seen first. */
export const AskRfidproDifferences = question({
  service: "rfidpro-backup",
  name: "differences",
  question: Type.Object({ site: nullable(SiteId), run: nullable(ClientId), ...page, ...filter }),
  answer: Type.Object({ differences: Type.Array(RfidproDifference), next: nullable(Type.String()) }),
});
export const AskRfidproDifference = question({
  service: "rfidpro-backup",
  name: "difference",
  question: Type.Object({ site: SiteId, id: ClientId }),
  answer: Type.Object({
    difference: nullable(RfidproDifference),
    history: Type.Array(RfidproDifferenceChange),
  }),
});
export const AskActOnRfidproDifference = question({
  service: "rfidpro-backup",
  name: "act-on-difference",
  question: Type.Object({
    site: SiteId,
    id: ClientId,
    act: Type.Enum(rfidproDifferenceActs),
    by: Type.String(),
    ...ActOnRfidproDifference.properties,
  }),
  answer: Type.Object({ difference: RfidproDifference }),
});
export const AskRfidproComparison = question({
  service: "rfidpro-backup",
  name: "comparison",
  question: Type.Object({ run: ClientId }),
  answer: Type.Object({
    comparison: nullable(RfidproComparison),
    hash: nullable(Type.String()),
    signatures: Type.Array(RfidproSignature),
  }),
});
/**
 * The agreement report of a run, as it is handed out, with every difference: part by part, since no message holds them all. The first answer
 * signs the whole file and says how long it is; each says with what the next part is asked for.
 */
export const rfidproReportFormats = ["html", "csv"] as const;
export const AskRfidproReport = question({
  service: "rfidpro-backup",
  name: "report",
  question: Type.Object({
    run: ClientId,
    format: Type.Enum(rfidproReportFormats),
    from: Type.Optional(nullable(Type.String({ description: "the next of the part before" }))),
  }),
  answer: Type.Object({
    body: Type.String({ description: "this part" }),
    next: nullable(Type.String()),
    signature: nullable(
      Type.String({
        description:
          "of the first part: Ed25519 over the 32 bytes of the whole file's SHA-256 with the key of the archive, base64url; null without a key",
      }),
    ),
    publicKey: nullable(Type.String()),
    bytes: nullable(Type.Integer({ description: "of the first part: how long the whole file is" })),
    sha256: nullable(Type.String({ description: "of the first part: that of the whole file, in hex" })),
  }),
});
export const AskSignRfidproReport = question({
  service: "rfidpro-backup",
  name: "sign-report",
  question: Type.Object({
    run: ClientId,
    by: Type.String(),
    name: Type.String({ minLength: 1, maxLength: 120, pattern: visibleText }),
  }),
  answer: Type.Object({ signature: RfidproSignature }),
});
