import type { RfidproRunRow } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";

/** The newest pull of the site that has ended and that has what is wanted of it. */
export const useNewestRun = (has: (run: RfidproRunRow) => boolean): RfidproRunRow | undefined => {
  const site = useSite();
  const { rows } = useView(site.id, "rfidpro");
  return ([...rows.values()] as unknown as RfidproRunRow[])
    .filter((run) => run.state !== "running" && has(run))
    .sort((left, right) => (left.startedAt < right.startedAt ? 1 : -1))[0];
};
