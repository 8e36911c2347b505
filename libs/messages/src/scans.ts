import Type, { type Static } from "typebox";
import { Condition } from "./condition.ts";
import { ClientId, Instant, storableText } from "./ids.ts";
import { ContractNumber, Notes, PlaceName, Quality, ServiceStatus, Technician, WorkDone } from "./items.ts";

export const scanTypes = [
  "rental",
  "return",
  "delivery",
  "pickup",
  "touch",
  "stage",
  "service",
  "count",
] as const;
export type ScanType = (typeof scanTypes)[number];
export const ScanType = Type.Enum(scanTypes);

/** How far in the future a device's clock may be before receipt time is used instead, in ms. */
export const futureToleranceMs = 5_000;
/** A scan older than this is flagged `backdated`, in ms (72 h). */
export const backdatedAfterMs = 72 * 3_600_000;
export const scansPerRequestMax = 5_000;

/**
 * Which one of its scans at a site this is, as the device itself counts: from 1, one more for each scan that it makes, and never the same
 * twice. Whoever counts is told of scans that never came; whoever does not count is not.
 */
export const DeviceSequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/**
 * One scan as a device captured it. `id` is made and stored by the device before it sends.
 * `tag` is only bounded here: a tag nobody can have is refused scan by scan, so that it never blocks the others.
 * `technician` and `done` belong to a service scan: who worked on it, and what was done.
 */
export const Scan = Type.Object(
  {
    id: ClientId,
    tag: Type.String({ maxLength: 1_024 }),
    type: ScanType,
    scannedAt: Instant,
    contract: Type.Optional(ContractNumber),
    session: Type.Optional(ClientId),
    place: Type.Optional(PlaceName),
    status: Type.Optional(ServiceStatus),
    quality: Type.Optional(Quality),
    condition: Type.Optional(Condition),
    notes: Type.Optional(Notes),
    technician: Type.Optional(Technician),
    done: Type.Optional(WorkDone),
    force: Type.Optional(Type.Boolean()),
    seq: Type.Optional(DeviceSequence),
    reason: Type.Optional(Type.String({ maxLength: 500, pattern: storableText })),
  },
  { additionalProperties: false },
);
export type Scan = Static<typeof Scan>;

export const outcomes = ["accepted", "already_applied", "rejected", "quarantined"] as const;
export type Outcome = (typeof outcomes)[number];

/** Codes a receipt may carry. */
export const receiptCodes = [
  "tag_unknown",
  "tag_malformed",
  "transition_refused",
  "contract_required",
  "contract_closed",
  "class_not_on_contract",
  "contract_unknown",
  "other_contract",
  "contract_not_of_session",
  "type_not_of_session",
  "session_closed",
  "duplicate_in_session",
  "status_required",
  "quarantine_full",
  "id_reused",
  "late_history_only",
  "future_scan",
  "backdated",
] as const;
export type ReceiptCode = (typeof receiptCodes)[number];

/** Facts worth a person's eye that do not change the outcome. */
export const flags = [
  "return_not_recorded",
  "rental_not_recorded",
  "found",
  "seen_while_out",
  "seen_after_end",
  "scanned_before_sale",
  "forced",
  "late_history_only",
  "backdated",
  "future_scan",
  "from_quarantine",
  "class_not_on_contract",
  "contract_unknown",
  "other_contract",
  "contract_not_of_session",
  "type_not_of_session",
  "session_closed",
  "stray",
  "items_out",
  "lots_out",
] as const;
export type Flag = (typeof flags)[number];

/**
 * What became of a command. The first one is stored and given again for ever (≥ 90 days), with `replayed: true`.
 * `later` is there when a quarantined scan was decided after its tag had been commissioned.
 */
export const Receipt = Type.Object({
  id: Type.String(),
  outcome: Type.Enum(outcomes),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  flags: Type.Optional(Type.Array(Type.String())),
  replayed: Type.Boolean(),
  event: Type.Optional(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
  item: Type.Optional(Type.Object({ tag: Type.String(), status: Type.String(), version: Type.Integer() })),
  later: Type.Optional(
    Type.Object({
      outcome: Type.Enum(outcomes),
      code: Type.Optional(Type.String()),
      event: Type.Optional(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
    }),
  ),
});
export type Receipt = Static<typeof Receipt>;
