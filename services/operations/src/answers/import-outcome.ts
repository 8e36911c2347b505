import { Fault, type FaultCode, faultCatalogue, type ImportOutcome } from "@tagwire/messages";
import { type Act, tagOf } from "../actors/act.ts";
import { isAsImported } from "../actors/import-row.ts";
import type { Answer } from "../actors/site.ts";

/** What is wrong with a row itself. Any other fault is the world's, and refuses the rows as a whole. */
const rowRefusals: ReadonlySet<FaultCode> = new Set([
  "tag_malformed",
  "class_required",
  "item_exists",
  "epc_held_elsewhere",
  "transition_refused",
  "newer_fact_stands",
  "id_reused",
]);

/**
 * What is answered of a row of an import.
 *
 * @throws Fault when it is no answer about the row: the rows have to be sent again.
 */
export const importOutcome = (
  act: Act,
  answer: Answer | Fault | undefined,
  isRehearsed: boolean,
): ImportOutcome => {
  const tag = tagOf(act) ?? null;
  if (answer === undefined) throw new Fault("internal", "no answer");
  if (answer instanceof Fault) {
    if (!rowRefusals.has(answer.code)) throw answer;
    const { code, detail, advice } = answer;
    return { tag, outcome: "rejected", code, message: detail === "" ? advice : detail };
  }
  const { receipt, item } = answer;
  // What was only tried has no place in the log.
  const said = isRehearsed || receipt.event === undefined ? {} : { pos: receipt.event.pos };
  if (receipt.replayed) {
    const stands = act.kind === "import" && item !== null && isAsImported(item, act.body);
    if (stands) return { tag, outcome: "unchanged", replayed: true, ...said };
    const code = "changed_since";
    return { tag, outcome: "unchanged", replayed: true, code, message: faultCatalogue[code].advice, ...said };
  }
  if (receipt.outcome !== "accepted") return { tag, outcome: "unchanged" };
  return { tag, outcome: answer.isCommissioned === true ? "created" : "changed", ...said };
};
