import { meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { unauditedForMs } from "./store/audits.ts";
import { countFindings } from "./store/findings.ts";

/**
 * What the health check tells of itself when somebody looks. A site whose audits do not come to their end grows old here, from when it
 * is known on.
 */
export const observeHealth = (sql: Sql): { readonly close: () => Promise<void> } => {
  const instruments = meter();
  const age = instruments.createObservableGauge("tagwire_audit_last_success_age_seconds", {
    description: "How long ago a site was last audited to the end, or became known where it never was",
    unit: "s",
  });
  const findings = instruments.createObservableGauge("tagwire_findings", {
    description: "Findings, by site, severity and state",
  });
  const all = [age, findings];
  const observe: Parameters<typeof instruments.addBatchObservableCallback>[0] = async (result) => {
    for (const [site, ms] of await unauditedForMs(sql)) result.observe(age, ms / 1_000, { site });
    for (const { site, severity, state, count } of await countFindings(sql))
      result.observe(findings, count, { site, severity, state });
  };
  instruments.addBatchObservableCallback(observe, all);
  return { close: async () => instruments.removeBatchObservableCallback(observe, all) };
};
