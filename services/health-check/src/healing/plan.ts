import { ask, type Bus } from "@tagwire/bus";
import {
  AskOperationsAudit,
  AskRefold,
  type AuditEntity,
  Fault,
  type Finding,
  newId,
  type RemedyPlan,
} from "@tagwire/messages";
import { type Edit, editOf } from "../actors/edit.ts";
import { recountBuckets, type SideName } from "../auditing/ask-sides.ts";

const timeoutMs = 20_000;

/** What a remedy does now, and for one that is a command what is said with it. */
export type Planned =
  | { readonly plan: Exclude<RemedyPlan, { remedy: "edit" }> }
  | { readonly plan: Extract<RemedyPlan, { remedy: "edit" }>; readonly edit: Edit };

const replay = async (bus: Bus, { site }: Finding): Promise<Planned> => {
  // A barrier that nobody placed: only the position of the answer matters.
  const { pos } = await ask(bus, AskOperationsAudit.barrier, { site, barrier: newId() }, { timeoutMs });
  return { plan: { remedy: "replay", events: pos, isStaleMeanwhile: true } };
};

const recount = async (bus: Bus, { site, entity: name, key }: Finding): Promise<Planned> => {
  const [first, number] = key.split(" ");
  const side: SideName = first === "manager" ? "manager" : "operations";
  const [entity, bucket] = [name as AuditEntity, Number(number)];
  const { differ } = await recountBuckets(bus, side, { site, entity, buckets: [bucket] });
  const [found] = differ;
  if (found === undefined)
    throw new Fault(
      "finding_state",
      "what is kept is what the rows come to by now: the next audits close it",
    );
  const { kept, counted } = found;
  return { plan: { remedy: "recount", side, entity, bucket, kept, counted } };
};

const edit = async (bus: Bus, { site, key }: Finding): Promise<Planned> => {
  const { isSame, row, folded } = await ask(bus, AskRefold, { site, entity: "item", key }, { timeoutMs });
  if (isSame)
    throw new Fault("finding_state", "the record is what its events say by now: the next audits close it");
  const edit = editOf(row, folded);
  if (edit === undefined)
    throw new Fault("finding_state", "by now something differs that no edit sets: a person puts it right");
  const { version, fields } = edit;
  return { plan: { remedy: "edit", tag: key, version, fields: [...fields] }, edit };
};

const plans = { replay, recount, edit } as const;

/**
 * Looks at what healing a finding would do now, and changes nothing.
 *
 * @throws Fault `finding_state` where there is nothing to heal, or nothing that does so
 */
export const planOf = (bus: Bus, finding: Finding): Promise<Planned> => {
  if (finding.remedy === "none")
    throw new Fault("finding_state", "nothing heals this: a person puts it right");
  return plans[finding.remedy](bus, finding);
};
