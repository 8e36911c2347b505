import { keyOf, type SeededFault } from "./test-fault.ts";
import { busy } from "./test-load.ts";

/** What audits say of themselves, and of how much is wrong. */
export const auditFaults: readonly SeededFault[] = [
  {
    name: "no audit has come to its end for days",
    code: "audit_late",
    seed: (sql) =>
      keyOf(sql`
        update health_check.audited_site set completed_at = now() - interval '3 days' where completed_at is not null
        returning 'audits' as key`),
  },
  {
    name: "nearly all items are others in the manager",
    code: "systemic",
    also: ["field_diff"],
    standsAlone: true,
    seed: async (sql) => {
      await sql`update manager.item set notes = 'all of them' where tag not like ${`${busy}%`}`;
      return "item";
    },
  },
];
