import type { ReactNode } from "react";
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
};

type Props<Row> = {
  title: string;
  snapshot: ViewSnapshot;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What is said where there is nothing. */
  nothing: string;
  aside?: ReactNode;
  /** Figures above the rows. */
  children?: ReactNode;
};

const place = ({ isNumber, isWide }: Pick<Column<never>, "isNumber" | "isWide">): string =>
  `px-2 ${isNumber ? "text-right tabular-nums" : "text-left"} ${isWide ? "hidden sm:table-cell" : ""}`;

/** A board: what its view says at this moment, as a table that changes by itself. */
export const BoardTable = <Row,>(props: Props<Row>) => {
  const { title, snapshot, columns, rows, keyOf, nothing, aside, children } = props;
  const fresh = useFreshness(snapshot);
  const shown = rows.slice(0, rowsShownMax);
  return (
    <Panel title={title} fresh={fresh} aside={aside}>
      {children}
      {!snapshot.whole ? (
        <Waiting>{snapshot.fault?.message ?? "Waiting for figures…"}</Waiting>
      ) : rows.length === 0 ? (
        <Waiting>{nothing}</Waiting>
      ) : (
        <div className="overflow-x-auto px-2 pb-3 sm:px-3">
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
              The first {countText(shown.length)} of {countText(rows.length)}.
            </p>
          )}
        </div>
      )}
    </Panel>
  );
};

/** Figures of a board beside each other. */
export const Figures = ({ of }: { of: readonly { word: string; value: ReactNode; note?: ReactNode }[] }) => (
  <dl className="grid grid-cols-2 gap-x-4 gap-y-3 px-4 pb-3 sm:flex sm:flex-wrap sm:gap-x-8 sm:px-5">
    {of.map(({ word, value, note }) => (
      <div key={word}>
        <dt className="text-sm font-semibold text-soft">{word}</dt>
        <dd className="figure text-2xl tabular-nums">{value}</dd>
        {note !== undefined && <dd className="text-xs text-soft tabular-nums">{note}</dd>}
      </div>
    ))}
  </dl>
);
