import { Eraser } from "lucide-react";
import { memo } from "react";
import { Button } from "../look/button.tsx";
import { toneText } from "../look/tone.ts";
import { go, routeText, useRoute } from "../route.ts";
import { useSite } from "../site-context.ts";
import { scanTypeWords } from "../words/scans.ts";
import { countOf, timeText } from "../words/time.ts";
import type { Sending } from "./sender.ts";
import { sendingShown } from "./shown.ts";
import { useSending, useStation } from "./station.ts";

const rowsShown = 60;

/** The scans of this page, newest first, each with what became of it. */
export const ResultList = () => {
  const station = useStation();
  const site = useSite();
  const { screen } = useRoute();
  const { rows, waiting, absent } = useSending();
  if (rows.length === 0) return null;
  return (
    <div>
      <div className="flex min-h-12 items-center gap-2">
        <p className="text-sm text-soft tabular-nums">
          {waiting === 0
            ? `${countOf(rows.length, "scan")}, all answered`
            : `${countOf(waiting, "scan")} not confirmed yet`}
        </p>
        <Button
          kind="quiet"
          className="-mr-3 ml-auto font-medium!"
          onClick={() => station.sender.clearSettled()}
        >
          <Eraser aria-hidden="true" className="size-4" />
          Clear
        </Button>
      </div>
      <ol>
        {rows.slice(0, rowsShown).map((row) => (
          <ResultRow
            key={row.scan.id}
            row={row}
            absent={absent}
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
const knownTag = (row: Sending): string => row.receipt?.item?.tag ?? row.scan.tag;

type Props = {
  row: Sending;
  absent: readonly string[];
  href: string;
  timeZone: string;
  onOpen: () => void;
};

const ResultRow = memo(
  ({ row, absent, href, timeZone, onOpen }: Props) => {
    const { icon: Icon, word, tone, note } = sendingShown(row, absent);
    return (
      <li className="enter border-t border-line">
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
            {row.times > 1 && <span className="block">× {row.times}</span>}
          </span>
        </a>
      </li>
    );
  },
  (before, after) =>
    before.row === after.row &&
    before.href === after.href &&
    before.absent.includes(before.row.by) === after.absent.includes(after.row.by),
);
