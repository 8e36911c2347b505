import { ask, type Bus, inSpan, request, traceparentOf } from "@tagwire/bus";
import {
  AskManagerAudit,
  AskOperationsAudit,
  AskReplay,
  type AuditEntity,
  type By,
  type CommandResult,
  commandSubject,
  Fault,
  type Finding,
} from "@tagwire/messages";
import { type Edit, editIdOf } from "../actors/edit.ts";
import type { Planned } from "./plan.ts";

const timeoutMs = 20_000;

/** Who heals, and in which trace. */
export type Healer = { readonly by: By; readonly traceparent: string | undefined };

/** Sends the edit to the owner of the site, as whoever heals. Sent again it is answered as the first time. */
const sendEdit = (bus: Bus, finding: Finding, edit: Edit, { by, traceparent: parent }: Healer) =>
  inSpan("heal finding", { parent, attributes: { "tagwire.site": finding.site } }, (span) => {
    const { tag, version, patch } = edit;
    const command = {
      ...{ kind: "item.patch", id: editIdOf(finding, edit), by, receivedAt: new Date().toISOString() },
      traceparent: traceparentOf(span),
      body: { tag, version, patch, readAnew: true },
    };
    const subject = commandSubject(finding.site);
    return request<CommandResult["item.patch"]>(bus, subject, command, { timeoutMs });
  });

/** Does what was planned, and gives what is said of it. Each remedy may be applied twice and has done the same. */
export const apply = async (
  bus: Bus,
  finding: Finding,
  { planned, healer }: { readonly planned: Planned; readonly healer: Healer },
): Promise<string> => {
  const { site } = finding;
  if ("edit" in planned) {
    const { receipt } = await sendEdit(bus, finding, planned.edit, healer);
    if (receipt.outcome === "rejected") throw new Fault("finding_state", receipt.message ?? receipt.outcome);
    const names = planned.edit.fields.map(({ field }) => field).join(", ");
    const { event } = receipt;
    // Somebody was quicker, and has set it back in another way.
    if (event === undefined) return `${names}: was so again already`;
    return `${names} set back by event ${event.epoch}:${event.pos}`;
  }
  const { plan } = planned;
  if (plan.remedy === "replay") {
    await ask(bus, AskReplay, { site }, { timeoutMs });
    return "the manager's rows are made anew from the log";
  }
  const { adopt } = plan.side === "manager" ? AskManagerAudit : AskOperationsAudit;
  const asked = { site, entity: plan.entity as AuditEntity, buckets: [plan.bucket] };
  await ask(bus, adopt, asked, { timeoutMs });
  return "the rows are counted anew";
};
