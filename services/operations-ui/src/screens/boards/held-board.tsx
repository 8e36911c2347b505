import type { HeldTag } from "@tagwire/messages";
import { useState } from "react";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";
import { bySince } from "./board-rows.ts";
import { BoardTable, type Column } from "./board-table.tsx";
import { HeldScans } from "./held-scans.tsx";
import { useRows } from "./rows-of.ts";

/** Scans of tags that no item carries. They wait until somebody commissions the tag, or says that nobody ever will. */
export const HeldBoard = () => {
  const snapshot = useView(useSite().id, "quarantine");
  const rows = useRows<HeldTag, HeldTag[]>(snapshot, bySince, []);
  const [open, setOpen] = useState<string>();
  const opened = rows.find(({ tag }) => tag === open);
  const columns: readonly Column<HeldTag>[] = [
    { word: "Tag", cell: ({ tag }) => <span className="font-mono text-[0.8125rem] break-all">{tag}</span> },
    { word: "Scans", cell: ({ scans }) => countText(scans), isNumber: true },
    { word: "Since", cell: ({ since }) => <Age at={since} />, isNumber: true, isWide: true },
    {
      word: "What came",
      cell: ({ tag }) => (
        <Button
          kind="quiet"
          aria-expanded={tag === open}
          aria-label={`${tag === open ? "Hide" : "Show"} scans of ${tag}`}
          onClick={() => setOpen(tag === open ? undefined : tag)}
        >
          {tag === open ? "Hide" : "Show"}
        </Button>
      ),
      isNumber: true,
    },
  ];
  const scans = rows.reduce((sum, row) => sum + row.scans, 0);
  return (
    <BoardTable
      {...{ title: "Held scans", snapshot, columns, rows }}
      keyOf={({ tag }) => tag}
      nothing="No scan waits: every tag that was scanned is known, or was dismissed."
      aside={
        <span className="text-sm text-soft tabular-nums">
          {countOf(scans, "scan")} of {countOf(rows.length, "tag")}
        </span>
      }
    >
      {opened !== undefined && <HeldScans key={opened.tag} held={opened} />}
    </BoardTable>
  );
};
