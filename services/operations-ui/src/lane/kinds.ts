import type { Flag, Receipt } from "@tagwire/messages";
import type { Command } from "../outbox/command.ts";

/** Ways in which a scan does not go straight, each with something that a person can do about it. */
export const oddKinds = [
  "unknown_tag",
  "extra",
  "other_contract",
  "while_out",
  "ended",
  "unlike_status",
  "no_contract",
  "contract_closed",
  "of_session",
  // No receipt tells it: whether a thing is expected is known of the session as a whole.
  "unexpected",
  "unrecorded",
  "refused",
] as const;
export type OddKind = (typeof oddKinds)[number];

/**
 * What a remark on a scan that was taken means at the shelf; null where there is nothing to do there. No blanks: the compiler asks about
 * every flag, also one that is new. The first that is there decides, so the order is that of their weight.
 */
const kindOfFlag: Readonly<Record<Flag, OddKind | null>> = {
  seen_after_end: "ended",
  return_not_recorded: "other_contract",
  other_contract: "other_contract",
  contract_unknown: "other_contract",
  class_not_on_contract: "extra",
  contract_not_of_session: "of_session",
  type_not_of_session: "of_session",
  session_closed: "of_session",
  seen_while_out: "while_out",
  rental_not_recorded: "unrecorded",
  // Good news.
  found: null,
  from_quarantine: null,
  // Somebody meant it.
  forced: null,
  // These are about clocks and networks: whoever stands at the shelf can change nothing of it.
  late_history_only: null,
  backdated: null,
  future_scan: null,
  scanned_before_sale: null,
  // Those are said of what readers overhear, and of contracts.
  stray: null,
  items_out: null,
  lots_out: null,
};

const ended: ReadonlySet<string> = new Set(["sold", "retired"]);

const kindOfRefusal = ({ code, item }: Receipt): OddKind => {
  switch (code) {
    case "transition_refused":
      return ended.has(item?.status ?? "") ? "ended" : "unlike_status";
    case "contract_required":
      return "no_contract";
    case "contract_closed":
      return "contract_closed";
    case "session_closed":
      return "of_session";
    default:
      return "refused";
  }
};

/** Why a scan does not go straight, by its receipt; undefined when it does. The record alone decides, never this device. */
export const kindOf = (receipt: Receipt): OddKind | undefined => {
  if (receipt.outcome === "rejected") return kindOfRefusal(receipt);
  if (receipt.outcome === "quarantined") return "unknown_tag";
  const remarks = new Set([...(receipt.flags ?? []), receipt.code]);
  const known = Object.entries(kindOfFlag).find(([flag, kind]) => kind !== null && remarks.has(flag));
  return known?.[1] ?? undefined;
};

/** What is odd about a scan in the lane: by its receipt, else that its session, as the record has it, does not expect it. */
export const oddKindOf = ({
  receipt,
  isUnexpected,
}: Pick<Command, "receipt" | "isUnexpected">): OddKind | undefined => {
  const kind = receipt === undefined ? undefined : kindOf(receipt);
  return kind ?? (isUnexpected === true ? "unexpected" : undefined);
};
