import type { Bus } from "@tagwire/bus";
import { Fault, type Finding } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { KeptFinding, Step } from "../actors/finding-life.ts";
import { sayFindings } from "../live/findings.ts";
import { findFinding, saveFindings } from "../store/findings.ts";
import { addLines, holdSite } from "../store/lines.ts";

/** Keeps what a person did to a finding, with its line in the chain. @throws Fault `finding_unknown`, and whatever `decide` throws */
export const keep = async (
  bus: Bus,
  sql: Sql,
  { site, id, by }: { readonly site: string; readonly id: string; readonly by: string },
  decide: (kept: KeptFinding) => Step,
): Promise<Finding> => {
  const kept = await inTransaction(sql, async (transaction) => {
    const held = await holdSite(transaction, site);
    const kept = await findFinding(transaction, site, id);
    if (kept === undefined) throw new Fault("finding_unknown", id);
    const step = decide(kept);
    await saveFindings(transaction, [step]);
    const { finding, told } = step;
    const at = new Date().toISOString();
    const { what = "touched", why = null, data = {} } = told ?? {};
    const line = { what, at, by, finding: finding.id, why, data: { ...finding, ...data } };
    const pos = await addLines(transaction, site, held, [line]);
    return { finding, prev: held.seq, pos };
  });
  sayFindings(bus, { site, prev: kept.prev, pos: kept.pos, findings: [kept.finding] });
  return kept.finding;
};
