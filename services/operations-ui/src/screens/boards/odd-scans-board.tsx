import type { FlaggedScan } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { CopyText } from "../../look/copy.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { markWord } from "../../words/outcomes.ts";
import { durationText } from "../../words/time.ts";
import { newestFirst } from "./board-rows.ts";
import { BoardTable, type Column } from "./board-table.tsx";
import { useRows } from "./rows-of.ts";
import { TagLink } from "./tag-link.tsx";

const secondMs = 1_000;
/** Sooner is the ordinary way of a scan, in seconds. */
const worthSayingSeconds = 60;

const columns: readonly Column<FlaggedScan>[] = [
  { word: "Tag", cell: ({ tag }) => (tag === null ? "no tag" : <TagLink tag={tag} />) },
  { word: "Scan", cell: ({ scan, event }) => scan ?? event, isWide: true },
  { word: "What is odd", cell: ({ marks }) => marks.map(markWord).join(" · ") },
  {
    word: "Late by",
    cell: ({ lateSeconds }) =>
      lateSeconds === null || lateSeconds < worthSayingSeconds ? "–" : durationText(lateSeconds * secondMs),
    isNumber: true,
    isWide: true,
  },
  { word: "By", cell: ({ by }) => byText(by), isWide: true },
  { word: "Recorded", cell: ({ recordedAt }) => <Age at={recordedAt} />, isNumber: true },
  {
    word: "Trace",
    cell: ({ traceId }) => <CopyText value={traceId} short={traceId.slice(0, 8)} label="trace id" />,
    isWide: true,
  },
];

/** Scans that are late, flagged or refused, newest first. */
export const OddScansBoard = () => {
  const snapshot = useView(useSite().id, "flagged");
  const rows = useRows<FlaggedScan, FlaggedScan[]>(snapshot, newestFirst, []);
  return (
    <BoardTable
      {...{ title: "Odd scans", snapshot, columns, rows }}
      keyOf={({ pos }) => String(pos)}
      nothing="No scan was late, flagged or refused."
    />
  );
};
