import { type FlaggedScan, flaggedLiveMax } from "@tagwire/messages";
import { useMemo } from "react";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { CopyText } from "../../look/copy.tsx";
import { SelectField } from "../../look/field.tsx";
import { go, useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { markWord } from "../../words/outcomes.ts";
import { countText, durationText } from "../../words/time.ts";
import { newestFirst, withMark } from "./board-rows.ts";
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
  const site = useSite();
  const snapshot = useView(site.id, "flagged");
  const all = useRows<FlaggedScan, FlaggedScan[]>(snapshot, newestFirst, []);
  const kind = useRoute().query.get("kind") ?? "";
  const rows = useMemo(() => withMark(all, kind), [all, kind]);
  // A kind that was asked for stays to be chosen when its last scan has left the list.
  const kinds = [...new Set([...(kind === "" ? [] : [kind]), ...all.flatMap(({ marks }) => marks)])];
  // The view keeps so many of the newest: how many there are beyond them it does not say.
  const isCut = all.length >= flaggedLiveMax;
  const choose = (mark: string): void => {
    const query = new URLSearchParams({ board: "odd", ...(mark === "" ? {} : { kind: mark }) });
    go({ site: site.id, screen: "boards", query }, "replace");
  };
  return (
    <BoardTable
      {...{ title: "Odd scans", snapshot, columns, rows, isCut }}
      keyOf={({ pos }) => String(pos)}
      nothing={kind === "" ? "No scan was late, flagged or refused." : "No scan of this kind is in the list."}
      aside={
        <SelectField label="Kind" hideLabel value={kind} onChange={(event) => choose(event.target.value)}>
          <option value="">
            All kinds ({countText(all.length)}
            {isCut && " or more"})
          </option>
          {kinds.map((mark) => (
            <option key={mark} value={mark}>
              {markWord(mark)} ({countText(withMark(all, mark).length)}
              {isCut && " or more"})
            </option>
          ))}
        </SelectField>
      }
    />
  );
};
