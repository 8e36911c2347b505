import type { ClassRow } from "@tagwire/messages";
import { ArrowDown } from "lucide-react";
import { memo, useMemo, useState } from "react";
import type { Freshness } from "../../live/freshness.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { StackedBar } from "../../look/stacked-bar.tsx";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { countText } from "../../words/time.ts";

type Column = "total" | "available" | "out" | "inService" | "missing" | "ended";
const columns: readonly { key: Column; word: string }[] = [
  { key: "total", word: "Total" },
  { key: "available", word: "Available" },
  { key: "out", word: "Out" },
  { key: "inService", word: "Service" },
  { key: "missing", word: "Missing" },
  { key: "ended", word: "Ended" },
];
/** What a phone leaves out. */
const wideOnly: ReadonlySet<Column> = new Set(["total", "missing", "ended"]);
const shownAtFirst = 12;

type Props = { classes: readonly ClassRow[]; fresh: Freshness; isKnown: boolean; className: string };

/** The stock class by class, largest first in the column that was asked for. */
export const ClassTable = ({ classes, fresh, isKnown, className }: Props) => {
  const site = useSite();
  const [by, setBy] = useState<Column>("total");
  const [all, setAll] = useState(false);
  const sorted = useMemo(
    () => classes.toSorted((a, b) => b[by] - a[by] || a.class.localeCompare(b.class)),
    [classes, by],
  );
  const shown = all ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <Panel title="By class" fresh={fresh} className={className}>
      {!isKnown ? (
        <Waiting>Waiting for figures…</Waiting>
      ) : classes.length === 0 ? (
        <Waiting>
          No items yet. Put tags into stock through the API or an import, and they appear here.
        </Waiting>
      ) : (
        <div className="px-2 pb-3 sm:px-3">
          <table className="w-full table-fixed text-sm tabular-nums">
            <thead>
              <tr>
                <th scope="col" className="w-[43%] px-2 sm:w-[34%] text-left font-semibold text-soft">
                  Class
                </th>
                {columns.map(({ key, word }) => (
                  <th
                    key={key}
                    scope="col"
                    aria-sort={by === key ? "descending" : undefined}
                    className={wideOnly.has(key) ? "hidden p-0 sm:table-cell" : "p-0"}
                  >
                    <button
                      type="button"
                      onClick={() => setBy(key)}
                      className="hit inline-flex w-full items-center justify-end gap-0.5 rounded-sm px-1 font-semibold text-soft hover:text-ink sm:px-2"
                    >
                      {by === key && <ArrowDown aria-hidden="true" className="size-3.5 text-accent" />}
                      {word}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <Row key={row.class} row={row} site={site.id} />
              ))}
            </tbody>
          </table>
          {sorted.length > shownAtFirst && (
            <Button kind="quiet" className="mt-1 w-full" onClick={() => setAll(!all)}>
              {all ? `Show the first ${shownAtFirst}` : `Show all ${countText(sorted.length)} classes`}
            </Button>
          )}
        </div>
      )}
    </Panel>
  );
};

const Row = memo(({ row, site }: { row: ClassRow; site: string }) => (
  <tr className="border-t border-line">
    <th scope="row" className="px-2 text-left font-medium">
      <a
        href={routeText({ site, screen: "items", query: new URLSearchParams({ class: row.class }) })}
        className="grid min-h-12 content-center gap-1.5 py-1.5 hover:underline"
      >
        <span className="truncate">{row.class}</span>
        <StackedBar counts={row} of={row.total} className="h-1.5" />
      </a>
    </th>
    {columns.map(({ key }) => (
      <td
        key={key}
        className={`px-1 text-right sm:px-2 ${wideOnly.has(key) ? "hidden sm:table-cell" : ""} ${row[key] === 0 ? "text-soft" : "font-medium"}`}
      >
        {countText(row[key])}
      </td>
    ))}
  </tr>
));
