import type { DeviceLedger } from "@tagwire/messages";
import type { SiteHeads } from "../../api/agreement.ts";
import { useSite } from "../../site-context.ts";
import { clockText, isClockOff } from "../../words/readers.ts";
import { countText } from "../../words/time.ts";
import { BoardTable, type Column } from "../boards/board-table.tsx";
import { Sums } from "./sums.tsx";
import { useLedgers } from "./use-ledgers.ts";

const number = (word: string, of: (ledger: DeviceLedger) => number): Column<DeviceLedger> => ({
  word,
  cell: (ledger) => countText(of(ledger)),
  isNumber: true,
});

const openOf = ({ received, accepted, alreadyApplied, rejected, quarantined }: DeviceLedger): number =>
  Math.abs(received - accepted - alreadyApplied - rejected - quarantined);

const gapText = ({ gaps }: DeviceLedger): string =>
  gaps.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(", ");

const columns: readonly Column<DeviceLedger>[] = [
  {
    word: "Device",
    cell: ({ device }) => <span className="font-mono font-semibold break-all">{device}</span>,
  },
  number("Came", ({ received }) => received),
  number("Accepted", ({ accepted }) => accepted),
  number("Known", ({ alreadyApplied }) => alreadyApplied),
  number("Rejected", ({ rejected }) => rejected),
  number("Unknown tag", ({ quarantined }) => quarantined),
  {
    word: "Lost",
    cell: (ledger) => {
      const lost = openOf(ledger) + ledger.missing;
      if (ledger.counted === 0 && lost === 0) return <span className="text-soft">not counted</span>;
      return (
        <span
          title={ledger.gaps.length > 0 ? `never came: ${gapText(ledger)}` : undefined}
          className={lost === 0 ? "font-semibold text-ready" : "font-semibold text-missing"}
        >
          {countText(lost)}
        </span>
      );
    },
    isNumber: true,
  },
  {
    word: "Clock",
    cell: ({ clockOffsetMs }) => (
      <span className={isClockOff(clockOffsetMs) ? "font-semibold text-missing" : ""}>
        {clockText(clockOffsetMs)}
      </span>
    ),
    isWide: true,
  },
];

/** From the record over the stream to the manager: the same number three times, or what is on its way. */
const Way = ({ heads }: { heads: SiteHeads }) => {
  const { pos, applied, putAside } = heads;
  // What the manager has applied it has from the stream, whether or not that was noted yet.
  const relayed = Math.max(heads.relayed, applied ?? 0);
  const behind = (at: number): string => (at === pos ? "all of them" : `${countText(pos - at)} on their way`);
  const figures = [
    ["Events in the record", countText(pos)],
    ["In the stream", behind(Math.min(pos, relayed))],
    ["With the manager", applied === null ? "does not answer" : behind(Math.min(pos, applied))],
    ["Put aside", putAside === null ? "not told" : countText(putAside)],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-1 px-4 pb-3 text-sm sm:grid-cols-4 sm:px-5">
      {figures.map(([word, figure]) => (
        <div key={word}>
          <dt className="text-soft">{word}</dt>
          <dd className="font-semibold tabular-nums">{figure}</dd>
        </div>
      ))}
    </dl>
  );
};

/** What became of everything that people and their devices handed in, to the manager's end, live. */
export const DeviceLossPanel = () => {
  const { snapshot, ledgers, isPart, heads, wrong } = useLedgers(useSite().id);
  return (
    <BoardTable
      {...{ title: "What became of every scan", snapshot, columns, rows: ledgers }}
      keyOf={({ device }) => device}
      nothing="Nobody has handed in a scan here yet."
    >
      {wrong !== undefined && (
        <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
          {wrong}
        </p>
      )}
      {isPart && (
        <p className="px-4 pb-3 text-sm font-semibold sm:px-5">
          There are more devices than these {countText(ledgers.length)}. The file of all of them has the rest.
        </p>
      )}
      {ledgers.length > 0 && (
        <Sums
          open={ledgers.filter((one) => openOf(one) + one.missing > 0).map(({ device }) => device)}
          text="What came was accepted, known already, rejected, or waits for its unknown tag. Lost is what a device has counted and never came, or what is in none of the columns."
        />
      )}
      {heads !== undefined && <Way heads={heads} />}
    </BoardTable>
  );
};
