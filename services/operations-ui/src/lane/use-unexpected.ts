import type { SessionRow } from "@tagwire/messages";
import { useEffect } from "react";
import { fetchSessionTags } from "../api/sessions.ts";
import { useView } from "../live/use-live.ts";
import { useResults } from "../scan/results.ts";
import { sessionAt } from "../scan/settings.ts";
import { useSettings, useStation } from "../scan/station.ts";
import { useSite } from "../site-context.ts";

const openOnly = { state: "open" };
/** So long after the last scan, in ms. */
const askedAfterMs = 500;

/**
 * Brings into the lane what this device scanned into the session that it has joined, and what that does not expect. The record is asked, each
 * time that its count of such things has changed; a session that expects nothing has nothing that is unexpected.
 */
export const useUnexpected = (): void => {
  const site = useSite();
  const { outbox } = useStation();
  const { rows } = useResults();
  const id = sessionAt(useSettings(), site.id);
  const session = useView(site.id, "sessions", openOnly).rows.get(id ?? "") as unknown as
    | SessionRow
    | undefined;
  const count = session === undefined || session.expected === 0 ? 0 : session.unexpected;
  const taken = rows.filter(
    ({ scan, receipt }) =>
      scan.session === id && (receipt?.outcome === "accepted" || receipt?.outcome === "already_applied"),
  );
  const newest = taken[0]?.scan.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are others each time, and tell nothing new but by the newest
  useEffect(() => {
    if (id === undefined || count === 0 || newest === undefined) return;
    const leave = new AbortController();
    // In a burst there is another newest one ten times a second: the record is asked once it is over.
    const timer = setTimeout(() => {
      void fetchSessionTags(site.id, { id, finding: "unexpected" }, leave.signal).then((answer) => {
        if (leave.signal.aborted || answer.kind !== "ok") return;
        const tags = new Set(answer.value.data.map(({ tag }) => tag));
        const ids = taken.flatMap(({ scan, receipt }) =>
          tags.has(receipt?.item?.tag ?? scan.tag) ? scan.id : [],
        );
        void outbox.setUnexpected(ids);
      });
    }, askedAfterMs);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [site.id, id, count, newest, outbox]);
};
