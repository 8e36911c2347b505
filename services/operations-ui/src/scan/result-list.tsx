import { Eraser } from "lucide-react";
import { memo, useState } from "react";
import { useView } from "../live/use-live.ts";
import { Button } from "../look/button.tsx";
import { toneText } from "../look/tone.ts";
import type { Row } from "../outbox/rows.ts";
import { nameHeld, useNames } from "../prefetch/names.ts";
import { go, routeText, useRoute } from "../route.ts";
import { useSite } from "../site-context.ts";
import { scanTypeWords } from "../words/scans.ts";
import { countOf, timeText } from "../words/time.ts";
import { useResults } from "./results.ts";
import { guessText, isConfirmed, rowShown } from "./shown.ts";
import { useStation } from "./station.ts";

/** More than fill any screen; whoever wants to know of a scan before them looks at the thing. */
const rowsShown = 40;
/** So many scans within so short a time, in ms, are no hand's: they come into the list without a movement, which would be drawn for each of them. */
const burstScans = 4;
const burstWithinMs = 500;

const isBurst = (rows: readonly Row[]): boolean => {
  const [newest, before] = [rows[0], rows[burstScans - 1]];
  return (
    newest !== undefined && before !== undefined && newest.capturedAtMs - before.capturedAtMs < burstWithinMs
  );
};

/** The scans of this page at this site, newest first, each with what became of it. */
export const ResultList = () => {
  const station = useStation();
  const site = useSite();
  const { screen } = useRoute();
  const { rows, waiting, absent, turnedScans } = useResults();
  useNames();
  const seen = useView(site.id, "events");
  if (rows.length === 0 && turnedScans === 0) return null;
  return (
    <div>
      <div className="flex min-h-12 items-center gap-2">
        <p className="text-sm text-soft tabular-nums">
          {waiting === 0
            ? rows.length > 0 && `${countOf(rows.length, "scan")}, all answered`
            : `${countOf(waiting, "scan")} saved here, not confirmed yet`}
        </p>
        <Button kind="quiet" className="-mr-3 ml-auto font-medium!" onClick={() => station.clear(site.id)}>
          <Eraser aria-hidden="true" className="size-4" />
          Clear
        </Button>
      </div>
      {turnedScans > 0 && (
        <p className="pb-3 text-sm font-semibold text-missing">
          {countOf(turnedScans, "scan")} not taken: what is not in this list has to be scanned again.
        </p>
      )}
      <ol>
        {rows.slice(0, rowsShown).map((row) => (
          <ResultRow
            key={row.scan.id}
            row={row}
            absent={absent}
            guess={guessText(row, nameHeld(row.site, row.scan.tag))}
            isCalm={!isBurst(rows)}
            isConfirmed={row.receipt !== undefined && isConfirmed(row.receipt, seen.whole ? seen : undefined)}
            href={routeText({ site: row.site, screen, tag: knownTag(row) })}
            timeZone={site.timeZone}
            onOpen={() => go({ site: row.site, screen, tag: knownTag(row) })}
          />
        ))}
      </ol>
    </div>
  );
};

/* The server knows a tag under its one normal form, which may not be the one that was typed. */
const knownTag = (row: Row): string => row.receipt?.item?.tag ?? row.scan.tag;

type Props = {
  row: Row;
  absent: readonly string[];
  guess: string | undefined;
  isConfirmed: boolean;
  /** Whether it may move when it comes in: that is decided once. */
  isCalm: boolean;
  href: string;
  timeZone: string;
  onOpen: () => void;
};

const ResultRow = memo(
  ({ row, absent, guess, isConfirmed: confirmed, isCalm, href, timeZone, onOpen }: Props) => {
    const [moves] = useState(isCalm);
    const { icon: Icon, word, tone, note } = rowShown(row, absent);
    return (
      <li className={`border-t border-line ${moves ? "enter" : ""}`}>
        <a
          href={href}
          className="grid min-h-12 grid-cols-[1.5rem_1fr_auto] items-start gap-x-2 rounded-sm py-2 text-sm hover:bg-sunken"
          onClick={(event) => {
            event.preventDefault();
            onOpen();
          }}
        >
          <Icon aria-hidden="true" className={`mt-0.5 size-5 ${toneText[tone]}`} />
          <span className="min-w-0">
            <span className="block truncate font-mono text-xs leading-5">{row.scan.tag}</span>
            {guess !== undefined && <span className="block truncate">{guess}</span>}
            <span className="block">
              <span className={`font-semibold ${toneText[tone]}`}>{word}</span>
              <span className="text-soft">
                {" "}
                {scanTypeWords[row.scan.type].word.toLowerCase()}
                {note && ` · ${note}`}
              </span>
            </span>
          </span>
          <span className="text-right text-xs leading-5 text-soft tabular-nums">
            {row.answeredAtMs === undefined ? "" : timeText(row.answeredAtMs, timeZone)}
            {row.receipt !== undefined && !confirmed && <span className="block">not on screens yet</span>}
            {row.times > 1 && <span className="block">× {row.times}</span>}
          </span>
        </a>
      </li>
    );
  },
  (before, after) =>
    before.row === after.row &&
    before.href === after.href &&
    before.guess === after.guess &&
    before.isConfirmed === after.isConfirmed &&
    before.absent.includes(before.row.by) === after.absent.includes(after.row.by),
);
