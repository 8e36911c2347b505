import type { AvailableItem } from "@tagwire/messages";
import { useState } from "react";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { StatusBadge } from "../../look/badge.tsx";
import { SelectField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";
import { idleRows } from "./board-rows.ts";
import { BoardTable, type Column } from "./board-table.tsx";
import { useClassNames } from "./class-names.ts";
import { useRows } from "./rows-of.ts";
import { daysSince, untilFor, useMinute } from "./site-time.ts";
import { TagLink } from "./tag-link.tsx";

const choices = [7, 30, 90, 180, 365] as const;
const daysDefault = 30;

/** What is available and was not on contract for long. The view says since when; how long that is, is reckoned here each minute. */
export const IdleBoard = () => {
  const [days, setDays] = useState<number>(daysDefault);
  const nowMs = useMinute();
  const classNameOf = useClassNames();
  const snapshot = useView(useSite().id, "idle", { until: untilFor(days, nowMs) });
  const rows = useRows<AvailableItem, AvailableItem[]>(snapshot, (all) => idleRows(all, days, nowMs), [
    days,
    nowMs,
  ]);
  const columns: readonly Column<AvailableItem>[] = [
    { word: "Tag", cell: ({ tag }) => <TagLink tag={tag} /> },
    { word: "Class", cell: (row) => classNameOf(row.class) },
    { word: "Status", cell: ({ status }) => <StatusBadge status={status} />, isWide: true },
    { word: "Place", cell: ({ place }) => place ?? "–", isWide: true },
    { word: "Idle", cell: ({ since }) => countOf(daysSince(since, nowMs), "day"), isNumber: true },
    {
      word: "Last seen",
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? "never" : <Age at={lastSeenAt} />),
      isNumber: true,
      isWide: true,
    },
  ];
  return (
    <BoardTable
      {...{ title: "Idle", snapshot, columns, rows }}
      keyOf={({ tag }) => tag}
      nothing="Nothing available was off contract for that long."
      aside={
        <>
          <span className="text-sm text-soft tabular-nums">{countText(rows.length)}</span>
          <SelectField
            label="Idle for"
            hideLabel
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice} days or longer
              </option>
            ))}
          </SelectField>
        </>
      }
    />
  );
};
