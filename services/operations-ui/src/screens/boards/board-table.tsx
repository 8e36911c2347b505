import { createContext, type ReactNode, useContext } from "react";
import type { ViewSnapshot } from "../../live/subscription.ts";
import { useFreshness } from "../../live/use-live.ts";
import { Panel, Waiting } from "../../look/panel.tsx";
import { countText } from "../../words/time.ts";

/** Rows of a board that are painted; the list over HTTP has the rest. */
export const rowsShownMax = 200;

export type Column<Row> = {
  readonly word: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand under each other. */
  readonly isNumber?: true;
  /** A phone leaves it out. */
  readonly isWide?: true;
  /** It is left out beside the scan station, too. */
  readonly isRoomy?: true;
  /** Only a screen with room to spare shows it. */
  readonly isSpare?: true;
};

type Props<Row> = {
  title: string;
  snapshot: ViewSnapshot;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What is said where there is nothing. */
  nothing: string;
  /** Whether there may be more rows than have come, so that their number is no total. */
  isCut?: boolean;
  aside?: ReactNode;
  /** What the figures look like, once all of them are there. */
  chart?: ReactNode;
  /** Figures above the rows. */
  children?: ReactNode;
};

/* Before all rows of a board are there, what is counted of them is no figure at all: nothing overdue would be untrue. */
const IsCounted = createContext(true);

type Placed = Pick<Column<never>, "isNumber" | "isWide" | "isRoomy" | "isSpare">;

/* The table's own room decides, and not the window's: beside the scan station there is less of it. */
const shownFrom = ({ isWide, isRoomy, isSpare }: Placed): string => {
  if (isSpare) return "hidden @min-[68rem]:table-cell";
  if (isRoomy) return "hidden @min-[56rem]:table-cell";
  return isWide ? "hidden @min-[36rem]:table-cell" : "";
};
const place = (placed: Placed): string =>
  `px-1 sm:px-2 ${placed.isNumber ? "text-right tabular-nums" : "text-left"} ${shownFrom(placed)}`;

/** A board: what its view says at this moment, as a table that changes by itself. */
export const BoardTable = <Row,>(props: Props<Row>) => {
  const { title, snapshot, columns, rows, keyOf, nothing, isCut = false, aside, chart, children } = props;
  const fresh = useFreshness(snapshot);
  const shown = rows.slice(0, rowsShownMax);
  return (
    <Panel title={title} fresh={fresh} aside={aside}>
      <IsCounted value={snapshot.whole}>{children}</IsCounted>
      {snapshot.whole && chart}
      {!snapshot.whole ? (
        <Waiting>{snapshot.fault?.message ?? "Waiting for figures…"}</Waiting>
      ) : rows.length === 0 ? (
        <Waiting>{nothing}</Waiting>
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
        <div
          role="group"
          aria-label={`Rows of ${title}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="@container overflow-x-auto px-2 pb-3 sm:px-3"
        >
          <table className="w-full text-sm">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th
                    key={column.word}
                    scope="col"
                    className={`${place(column)} py-2 font-semibold text-soft`}
                  >
                    {column.word}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={keyOf(row)} className="border-t border-line">
                  {columns.map((column) => (
                    <td key={column.word} className={`${place(column)} h-11 align-middle`}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length > shown.length && (
            <p className="px-2 pt-2 text-sm text-soft tabular-nums">
              The first {countText(shown.length)} of {countText(rows.length)}
              {isCut && " or more"}.
            </p>
          )}
        </div>
      )}
    </Panel>
  );
};

type Figure = { readonly word: string; readonly value: ReactNode; readonly note?: ReactNode };

/** Figures of a board beside each other; `isWhole` is false while rows of another view that are counted as well are still to come. */
export const Figures = ({ of, isWhole = true }: { of: readonly Figure[]; isWhole?: boolean }) => {
  const isCounted = useContext(IsCounted) && isWhole;
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 pb-3 sm:flex sm:flex-wrap sm:gap-x-8 sm:px-5">
      {of.map(({ word, value, note }) => (
        <div key={word}>
          <dt className="text-sm font-semibold text-soft">{word}</dt>
          <dd className="figure text-2xl tabular-nums">{isCounted ? value : "–"}</dd>
          {isCounted && note !== undefined && <dd className="text-xs text-soft tabular-nums">{note}</dd>}
        </div>
      ))}
    </dl>
  );
};
