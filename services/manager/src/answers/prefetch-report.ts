import type { ReportPrefetch } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { noteReport } from "../store/prefetch-sets.ts";

type Question = Static<(typeof ReportPrefetch)["question"]>;
type Answer = Static<(typeof ReportPrefetch)["answer"]>;

/**
 * Counts what a device tells of its scans. Ids of reports sort by time, so that the last one is all that has to be remembered; a device that
 * holds no set has nothing to tell.
 */
export const takePrefetchReport = async (
  notices: Sql,
  { site, device, report }: Question,
  named: (hit: boolean, seconds: number) => void,
): Promise<Answer> => {
  const counted = await noteReport(notices, { site, device, id: report.id.toLowerCase() });
  if (counted) for (const { hit, seconds } of report.names) named(hit, seconds);
  return { counted };
};
