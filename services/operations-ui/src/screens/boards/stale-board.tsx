import type { UnseenItem } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { StatusBadge } from "../../look/badge.tsx";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";
import { type OverLimit, staleRows } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { useClassNames } from "./class-names.ts";
import { useRows } from "./rows-of.ts";
import { daysSince, untilFor, useMinute } from "./site-time.ts";
import { useStaleLimits } from "./stale-limits.ts";
import { TagLink } from "./tag-link.tsx";

/** What no scan touched for longer than its limit. The view says when each item was seen; the limits are those of the site's rule. */
export const StaleBoard = () => {
  const site = useSite();
  const nowMs = useMinute();
  const limits = useStaleLimits(site.id);
  const shortest = Math.min(limits.days, ...limits.limits.map(({ days }) => days));
  const classNameOf = useClassNames();
  const snapshot = useView(site.id, "stale", { until: untilFor(shortest, nowMs) });
  const rows = useRows<UnseenItem, OverLimit[]>(snapshot, (all) => staleRows(all, limits, nowMs), [
    limits,
    nowMs,
  ]);
  const columns: readonly Column<OverLimit>[] = [
    { word: "Tag", cell: ({ tag }) => <TagLink tag={tag} /> },
    { word: "Class", cell: (row) => classNameOf(row.class) },
    { word: "Status", cell: ({ status }) => <StatusBadge status={status} />, isWide: true },
    { word: "Place", cell: ({ place }) => place ?? "–", isWide: true },
    { word: "Not seen for", cell: ({ since }) => countOf(daysSince(since, nowMs), "day"), isNumber: true },
    { word: "Limit", cell: ({ limit }) => countOf(limit.days, "day"), isNumber: true, isWide: true },
  ];
  return (
    <BoardTable
      {...{ title: "Not seen for long", snapshot, columns, rows }}
      keyOf={({ tag }) => tag}
      nothing="Everything was seen within its limit."
    >
      <Figures
        of={[{ name: "", days: limits.days }, ...limits.limits].map(({ name, days }) => ({
          word: name === "" ? "Everything else" : name,
          value: countText(rows.filter(({ limit }) => limit.name === name).length),
          note: `longer than ${countOf(days, "day")}`,
        }))}
      />
    </BoardTable>
  );
};
