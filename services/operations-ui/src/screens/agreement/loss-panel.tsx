import type { Reader } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { countText } from "../../words/time.ts";
import { BoardTable, type Column } from "../boards/board-table.tsx";
import { useRows } from "../boards/rows-of.ts";
import { openOf } from "./ledger-sums.ts";
import { Sums } from "./sums.tsx";

const byName = (rows: readonly Reader[]): Reader[] => rows.toSorted((a, b) => a.id.localeCompare(b.id));

const number = (word: string, of: (counts: Reader["counts"]) => number): Column<Reader> => ({
  word,
  cell: ({ counts }) => countText(of(counts)),
  isNumber: true,
});

const columns: readonly Column<Reader>[] = [
  { word: "Reader", cell: ({ id }) => <span className="font-mono font-semibold break-all">{id}</span> },
  number("Read", ({ reads }) => reads),
  number("Filtered", ({ filtered }) => filtered),
  number("Held", ({ held }) => held),
  number("In sightings", ({ observed }) => observed),
  number("Sightings", ({ observations }) => observations),
  number("Accepted", ({ accepted }) => accepted),
  number("Known", ({ alreadyApplied }) => alreadyApplied),
  number("Rejected", ({ rejected }) => rejected),
  number("Unknown tag", ({ quarantined }) => quarantined),
  number("On their way", ({ pending }) => pending),
  {
    word: "Lost",
    cell: ({ counts }) => {
      const lost = openOf(counts);
      return (
        <span className={lost === 0 ? "font-semibold text-ready" : "font-semibold text-missing"}>
          {countText(lost)}
        </span>
      );
    },
    isNumber: true,
  },
];

/** What became of everything that was read, from the antenna to the record, live: it adds up, or says by how much it does not. */
export const LossPanel = () => {
  const snapshot = useView(useSite().id, "readers");
  const rows = useRows<Reader, Reader[]>(snapshot, byName, []);
  const open = rows.filter(({ counts }) => openOf(counts) > 0);
  return (
    <BoardTable
      {...{ title: "What became of every read", snapshot, columns, rows }}
      keyOf={({ id }) => id}
      nothing="No readers here, so there is nothing that could get lost on the way."
    >
      {rows.length > 0 && (
        <Sums
          open={open.map(({ id }) => id)}
          text="Read is filtered, held, or in sightings. Of sightings, accepted, known, rejected, unknown tags and those on their way are all there are."
        />
      )}
    </BoardTable>
  );
};
