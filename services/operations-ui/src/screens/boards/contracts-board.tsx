import type { ContractRow } from "@tagwire/messages";
import { useMemo } from "react";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { progressText } from "../../words/contracts.ts";
import { countText } from "../../words/time.ts";
import { byDue, dueText } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { ContractLink } from "./contract-link.tsx";
import { useRows } from "./rows-of.ts";
import { siteDay, useMinute } from "./site-time.ts";

/** Contracts by when they are due. A row says its days; how they stand to today is told here, so that midnight needs no message. */
export const ContractsBoard = () => {
  const site = useSite();
  const today = siteDay(useMinute(), site.timeZone);
  const snapshot = useView(site.id, "contracts", { state: "current" });
  // Years of contracts are over; of those only what has not come back is looked at.
  const closed = useView(site.id, "contracts", {
    state: "closed",
    progress: "partial_out,all_out,partial_in",
  });
  const current = useRows<ContractRow, readonly ContractRow[]>(snapshot, (rows) => rows, []);
  const over = useRows<ContractRow, readonly ContractRow[]>(closed, (rows) => rows, []);
  const { rows, counts } = useMemo(() => byDue([...current, ...over], today), [current, over, today]);
  const columns: readonly Column<ContractRow>[] = [
    {
      word: "Contract",
      cell: ({ number, kind }) => <ContractLink {...{ number, kind }} />,
    },
    { word: "Client", cell: ({ client }) => client ?? "–", isWide: true },
    { word: "Progress", cell: ({ kind, progress }) => progressText(kind, progress) },
    { word: "Out", cell: ({ outItems, expectedItems }) => `${outItems} of ${expectedItems}`, isNumber: true },
    { word: "Still out", cell: ({ stillOutItems }) => countText(stillOutItems), isNumber: true },
    { word: "Due", cell: (row) => dueText(row, today), isNumber: true },
  ];
  return (
    <BoardTable
      {...{ title: "Contracts", snapshot, columns, rows }}
      keyOf={({ number }) => number}
      nothing="No contract is open, and nothing is out."
    >
      <Figures
        of={[
          { word: "Overdue", value: countText(counts.overdue) },
          { word: "Back today", value: countText(counts.dueInToday) },
          { word: "Late to go out", value: countText(counts.lateOut) },
          { word: "Out today", value: countText(counts.dueOutToday) },
          { word: "Items still out", value: countText(counts.stillOut) },
        ]}
      />
    </BoardTable>
  );
};
