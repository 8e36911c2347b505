import type { ItemChange, TimelineRow } from "@tagwire/messages";
import { ClockAlert, Flag, Radio, ScanSearch, Wrench } from "lucide-react";
import { memo } from "react";
import { Age } from "../../look/age.tsx";
import { Badge, StatusBadge } from "../../look/badge.tsx";
import { CopyText } from "../../look/copy.tsx";
import { toneText } from "../../look/tone.ts";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { eventShown } from "../../words/events.ts";
import { evidenceText } from "../../words/evidence.ts";
import { codeWord, flagWord, outcomeWords } from "../../words/outcomes.ts";
import { photoAddress } from "../../words/photo-address.ts";
import { isScanType, scanTypeWords } from "../../words/scans.ts";
import { statusWord } from "../../words/statuses.ts";
import { dayText, latenessTexts, preciseTimeText } from "../../words/time.ts";
import { conditionText, workText } from "../../words/work.ts";
import { TakeBack } from "../undo/take-back.tsx";
import { rowKey, takenBackAt, undoText } from "./timeline.ts";

/** Everything that is known to have happened to an item, newest first. */
export const TimelineList = ({ rows }: { rows: readonly TimelineRow[] }) => {
  if (rows.length === 0) return <p className="py-4 text-sm text-soft">Nothing is recorded of this tag.</p>;
  const takenBack = takenBackAt(rows);
  return (
    <ol>
      {rows.map((row) => (
        <Line key={rowKey(row)} row={row} takenBack={takenBack.get(rowKey(row))} />
      ))}
    </ol>
  );
};

type LineProps = {
  readonly row: TimelineRow;
  /** The position at which it was taken back. */
  readonly takenBack: number | undefined;
};

const Line = memo(({ row, takenBack }: LineProps) => {
  const { icon: Icon, word, tone } = eventShown(row.type);
  const outcome = outcomeWords[row.outcome];
  const { scan, set, was, item, reason } = row.data as {
    reason?: string;
    scan?: Partial<NonNullable<ItemChange["scan"]>>;
    set?: { status?: string };
    was?: { status?: string };
    item?: { status?: string };
  };
  const scanned =
    scan?.type !== undefined && isScanType(scan.type) ? scanTypeWords[scan.type].word : undefined;
  const status = set?.status ?? item?.status;
  const late = latenessTexts(row);
  const { tid } = row.data as { tid?: string };
  const evidence = evidenceText(scan ?? (tid === undefined ? {} : { tid }));
  const work = workText(row.completed ?? scan ?? {});
  const condition = conditionText(scan?.condition);
  const undo = undoText(row, takenBack);
  const quote = reason ?? scan?.reason ?? scan?.notes;
  const remarks = [
    ...(undo === undefined ? [] : [undo]),
    ...(row.code ? [codeWord(row.code)] : []),
    ...row.flags.filter((flag) => flag !== row.code).map(flagWord),
  ];
  return (
    <li className="enter grid grid-cols-[2rem_1fr] gap-x-2 border-t border-line py-3 first:border-t-0">
      <Icon
        aria-hidden="true"
        className={`mt-0.5 size-5 ${toneText[row.outcome === "rejected" ? "missing" : tone]}`}
      />
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <h4 className="font-semibold">
            {row.outcome === "rejected" && scanned ? `${scanned} scan` : word}
            {row.outcome !== "rejected" && scanned && (
              <span className="font-normal text-soft"> by {scanned.toLowerCase()} scan</span>
            )}
          </h4>
          {row.outcome !== "accepted" && (
            <Badge icon={outcome.icon} word={outcome.word} tone={outcome.tone} />
          )}
          {status !== undefined && status !== was?.status && (
            <span className="inline-flex items-center gap-1.5 text-sm text-soft">
              {was?.status && <>{statusWord(was.status)} →</>} <StatusBadge status={status} />
            </span>
          )}
          <span className="ml-auto text-sm text-soft">
            <Age at={row.scannedAt ?? row.recordedAt} />
          </span>
        </div>
        <p className="text-sm">
          {byText(row.by)}
          {row.place && <span className="text-soft"> · at {row.place}</span>}
          {row.contract && <span className="text-soft"> · contract {row.contract}</span>}
        </p>
        {late.length > 0 && (
          <p className="mt-1 flex items-center gap-1.5 text-sm font-semibold text-service">
            <ClockAlert aria-hidden="true" className="size-4 shrink-0" />
            {late.join(" · ")}
          </p>
        )}
        {evidence && (
          <p className="mt-1 flex items-center gap-1.5 text-sm break-all">
            <Radio aria-hidden="true" className="size-4 shrink-0 text-soft" />
            {evidence}
          </p>
        )}
        {remarks.map((remark) => (
          <p key={remark} className="mt-1 flex items-center gap-1.5 text-sm">
            <Flag aria-hidden="true" className="size-4 shrink-0 text-soft" />
            {remark}
          </p>
        ))}
        {condition && (
          <p className="mt-1 flex items-center gap-1.5 text-sm">
            <ScanSearch aria-hidden="true" className="size-4 shrink-0 text-soft" />
            {condition}
          </p>
        )}
        {work && (
          <p className="mt-1 flex items-center gap-1.5 text-sm">
            <Wrench aria-hidden="true" className="size-4 shrink-0 text-soft" />
            {work}
          </p>
        )}
        {row.type === photoAdded && <Photo sha256={String(row.data.sha256)} />}
        {quote && <p className="mt-1 text-sm">“{quote}”</p>}
        <Clocks row={row} />
        {row.pos !== undefined &&
          row.kind === "event" &&
          row.outcome === "accepted" &&
          takenBack === undefined && (
            <TakeBack what={{ pos: row.pos }} label={`Take back ${word} at position ${row.pos}`} />
          )}
      </div>
    </li>
  );
});

const photoAdded = "photo.added.v1";

/* Of one that was deleted the picture is gone: its place says so. */
const Photo = ({ sha256 }: { sha256: string }) => {
  const { id } = useSite();
  const address = photoAddress(id, sha256);
  return (
    <a href={address} target="_blank" rel="noreferrer" className="mt-1 inline-block">
      <img
        src={address}
        alt="As it was photographed, or deleted since"
        loading="lazy"
        className="max-h-40 rounded-md"
      />
    </a>
  );
};

/* The three clocks side by side: the device's, the edge's and the record's own. None of them decides the order. */
const Clocks = ({ row }: { row: TimelineRow }) => {
  const { timeZone } = useSite();
  const clocks = [
    { name: "Scanned", at: row.scannedAt },
    { name: "Received", at: row.receivedAt },
    { name: "Recorded", at: row.recordedAt },
  ];
  return (
    <>
      <dl className="mt-2 grid gap-x-4 gap-y-1 text-xs text-soft tabular-nums sm:grid-cols-3">
        {clocks.map(({ name, at }) => (
          <div key={name} className="flex gap-1.5 sm:block">
            <dt className="w-[4.5rem] font-semibold sm:w-auto">{name}</dt>
            <dd>
              {at === null ? (
                "no device time"
              ) : (
                <time dateTime={at} className="text-ink">
                  {preciseTimeText(at, timeZone)}{" "}
                  <span className="text-soft sm:block">{dayText(at, timeZone)}</span>
                </time>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className="-ml-1.5 flex flex-wrap items-center text-xs text-soft">
        <CopyText value={row.traceId} short={`trace ${row.traceId}`} label="trace id" />
        {row.pos !== undefined && <span className="px-1.5 tabular-nums">position {row.pos}</span>}
      </p>
    </>
  );
};
