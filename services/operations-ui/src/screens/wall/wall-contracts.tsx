import type { ContractRow } from "@tagwire/messages";
import { useMemo } from "react";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { progressText } from "../../words/contracts.ts";
import { countText } from "../../words/time.ts";
import { byDue, dueText } from "../boards/board-rows.ts";
import { useRows } from "../boards/rows-of.ts";
import { siteDay, useMinute } from "../boards/site-time.ts";

/** As many as can be read across a room. */
const rowsShown = 9;
const closedButOut = { state: "closed", progress: "partial_out,all_out,partial_in" };

/** What is due and what is late, in figures, and the contracts that are due first. */
export const WallContracts = () => {
  const site = useSite();
  const now = { nowMs: useMinute(), timeZone: site.timeZone };
  const today = siteDay(now.nowMs, now.timeZone);
  const snapshot = useView(site.id, "contracts", { state: "current" });
  const fresh = useFreshness(snapshot);
  // What is closed and has not come back is late as well.
  const closed = useView(site.id, "contracts", closedButOut);
  const current = useRows<ContractRow, readonly ContractRow[]>(snapshot, (all) => all, []);
  const over = useRows<ContractRow, readonly ContractRow[]>(closed, (all) => all, []);
  const { rows, counts } = useMemo(() => byDue([...current, ...over], today), [current, over, today]);
  const figures = [
    ["Late to come back", counts.overdue, counts.overdue > 0 ? "text-missing" : ""],
    ["Back today", counts.dueInToday, ""],
    ["Late to go out", counts.lateOut, counts.lateOut > 0 ? "text-missing" : ""],
    ["Out today", counts.dueOutToday, ""],
    ["Items still out", counts.stillOut, ""],
  ] as const;
  return (
    <Panel title="Contracts that are not over" fresh={fresh}>
      {!snapshot.whole || !closed.whole ? (
        <Waiting>{snapshot.fault?.message ?? closed.fault?.message ?? "Waiting for figures…"}</Waiting>
      ) : (
        <div className="px-4 pb-4 sm:px-5">
          <dl className="flex flex-wrap gap-x-10 gap-y-3 pb-3">
            {figures.map(([word, value, tone]) => (
              <div key={word}>
                <dt className="text-sm font-semibold text-soft">{word}</dt>
                <dd className={`figure text-[3rem] leading-none ${tone}`}>{countText(value)}</dd>
              </div>
            ))}
          </dl>
          {rows.length === 0 && <p className="text-soft">No contract is open, and nothing is out.</p>}
          <table className="w-full">
            <tbody>
              {rows.slice(0, rowsShown).map((row) => (
                <tr key={row.number} className="border-t border-line tabular-nums">
                  <th scope="row" className="py-1.5 pr-3 text-left font-semibold">
                    {row.number}
                  </th>
                  <td className="pr-3">{row.client ?? "–"}</td>
                  <td className="pr-3">{progressText(row)}</td>
                  <td className="text-right">{dueText(row, now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > rowsShown && (
            <p className="pt-2 text-sm text-soft tabular-nums">
              The first {rowsShown} of {countText(rows.length)}, by when they are due.
            </p>
          )}
        </div>
      )}
    </Panel>
  );
};
