import type { ContractRow } from "@tagwire/messages";
import { useMemo, useState } from "react";
import { useView } from "../../live/use-live.ts";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { nextTripText, progressText } from "../../words/contracts.ts";
import { countText } from "../../words/time.ts";
import { byDue, dueText } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { ContractForm } from "./contract-form.tsx";
import { ContractLink } from "./contract-link.tsx";
import { useRows } from "./rows-of.ts";
import { siteDay, useMinute } from "./site-time.ts";

/** Contracts by when they are due. A row says its days; how they stand to today is told here, so that midnight needs no message. */
export const ContractsBoard = () => {
  const site = useSite();
  const [isStating, setStating] = useState(false);
  const now = { nowMs: useMinute(), timeZone: site.timeZone };
  const today = siteDay(now.nowMs, now.timeZone);
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
      // A phone has no column for the client, who is what people look for: there it stands below the number.
      cell: ({ number, kind, client }) => (
        <>
          <ContractLink {...{ number, kind }} />
          <span className="block text-xs text-soft @min-[36rem]:hidden">{client}</span>
        </>
      ),
    },
    { word: "Client", cell: ({ client }) => client ?? "–", isWide: true },
    { word: "Progress", cell: progressText },
    { word: "Delivery", cell: ({ trips }) => nextTripText(trips) ?? "–", isRoomy: true },
    {
      word: "Out",
      // Laundry, and what only scans have named, was never ordered: nothing can be "3 of 0".
      cell: ({ outItems, expectedItems }) =>
        expectedItems === 0 ? countText(outItems) : `${outItems} of ${expectedItems}`,
      isNumber: true,
      isWide: true,
    },
    { word: "Still out", cell: ({ stillOutItems }) => countText(stillOutItems), isNumber: true },
    { word: "Due", cell: (row) => dueText(row, now), isNumber: true },
  ];
  return (
    <BoardTable
      {...{ title: "Contracts", snapshot, columns, rows }}
      keyOf={({ number }) => number}
      nothing="No contract is open, and nothing is out."
      aside={
        <Button className="-mr-2" aria-expanded={isStating} onClick={() => setStating(!isStating)}>
          {isStating ? "Not now" : "New contract"}
        </Button>
      }
    >
      {isStating && <ContractForm onLeave={() => setStating(false)} />}
      <Figures
        isWhole={closed.whole}
        of={[
          { word: "Late to come back", value: countText(counts.overdue) },
          { word: "Back today", value: countText(counts.dueInToday) },
          { word: "Late to go out", value: countText(counts.lateOut) },
          { word: "Out today", value: countText(counts.dueOutToday) },
          { word: "Items still out", value: countText(counts.stillOut) },
        ]}
      />
      <p className="px-4 pb-3 text-sm text-soft sm:px-5">
        A contract is late from the day after its day. What is due today is not late, even when its hour is
        past.
      </p>
    </BoardTable>
  );
};
