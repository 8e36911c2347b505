import { meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { unauditedForMs } from "./store/audits.ts";
import { queuesOfDevices } from "./store/device-reports.ts";
import { countFindings } from "./store/findings.ts";

/** A device reports each minute while it has a network; beyond this it is out of reach, and its queue is nobody's fault, in ms. */
const reportedWithinMs = 3 * 60_000;

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
    description: "Findings, by site, code, severity and state",
  });
  const queueAge = instruments.createObservableGauge("tagwire_device_queue_age_seconds", {
    description: "Age of the oldest scan without an answer, over the devices of a site that reported of late",
    unit: "s",
  });
  const waiting = instruments.createObservableGauge("tagwire_device_waiting_scans", {
    description: "Scans without an answer on these devices, by whether they wait for a person there",
  });
  const devices = instruments.createObservableGauge("tagwire_devices", {
    description: "Devices of a site that reported of late",
  });
  const all = [age, findings, queueAge, waiting, devices];
  const observe: Parameters<typeof instruments.addBatchObservableCallback>[0] = async (result) => {
    for (const [site, ms] of await unauditedForMs(sql)) result.observe(age, ms / 1_000, { site });
    for (const { site, code, severity, state, count } of await countFindings(sql))
      result.observe(findings, count, { site, code, severity, state });
    for (const { site, ...queues } of await queuesOfDevices(sql, reportedWithinMs)) {
      result.observe(devices, queues.devices, { site });
      result.observe(queueAge, queues.oldestMs / 1_000, { site });
      result.observe(waiting, queues.attention, { site, awaits: "person" });
      result.observe(waiting, queues.queued - queues.attention, { site, awaits: "network" });
    }
  };
  instruments.addBatchObservableCallback(observe, all);
  return { close: async () => instruments.removeBatchObservableCallback(observe, all) };
};
