import type { ContractLineView, ContractRow, LotView } from "@tagwire/messages";
import { countText } from "../../words/time.ts";

type Counted<Row> = {
  readonly word: string;
  readonly of: (row: Row) => number;
  /** A phone leaves it out while it says nothing. */
  readonly isRare?: true;
};

const lineColumns: readonly Counted<ContractLineView>[] = [
  // In the order in which things happen; what is still out is what remains of those before it.
  { word: "Ordered", of: ({ expected }) => expected },
  { word: "Extra", of: ({ extra }) => extra, isRare: true },
  { word: "Staged", of: ({ staged }) => staged, isRare: true },
  { word: "Out", of: ({ out }) => out },
  { word: "Back", of: ({ returned }) => returned },
  { word: "Not recorded", of: ({ notRecorded }) => notRecorded, isRare: true },
  { word: "Still out", of: ({ stillOut }) => stillOut },
];
const lotColumns: readonly Counted<LotView>[] = [
  { word: "Put on", of: ({ added }) => added },
  { word: "Taken off", of: ({ removed }) => removed },
  { word: "On it now", of: ({ balance }) => balance },
  { word: "More", of: ({ surplus }) => surplus },
];

/** Each line of a contract with its progress, and what was counted onto it by hand. */
export const ContractLines = ({ row: { lines, lots } }: { row: ContractRow }) => (
  <>
    <Table title="Lines" columns={lineColumns} rows={lines} nameOf={(line) => line.class} />
    <Table title="Counted by hand" columns={lotColumns} rows={lots} nameOf={({ name }) => name} />
  </>
);

type Props<Row> = {
  title: string;
  columns: readonly Counted<Row>[];
  rows: readonly Row[];
  nameOf: (row: Row) => string;
};

const Table = <Row,>({ title, columns, rows, nameOf }: Props<Row>) => {
  if (rows.length === 0) return null;
  const placed = columns.map((column) => ({
    ...column,
    hidden: column.isRare === true && rows.every((row) => column.of(row) === 0) ? "max-sm:hidden" : "",
  }));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={title} tabIndex={0} className="overflow-x-auto px-2 pb-3 sm:px-3">
      <table className="w-full text-sm tabular-nums max-sm:text-xs">
        <thead>
          <tr>
            <th scope="col" className="px-2 py-2 text-left font-semibold text-soft">
              {title}
            </th>
            {placed.map(({ word, hidden }) => (
              <th
                key={word}
                scope="col"
                className={`px-1 py-2 text-right font-semibold text-soft sm:px-2 ${hidden}`}
              >
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={nameOf(row)} className="border-t border-line">
              <th scope="row" className="h-11 px-2 text-left align-middle font-medium">
                {nameOf(row) === "" ? "Tags that nobody knows" : nameOf(row)}
              </th>
              {placed.map(({ word, of, hidden }) => (
                <td key={word} className={`px-1 text-right align-middle sm:px-2 ${hidden}`}>
                  {countText(of(row))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
