import { Download } from "lucide-react";
import { useState } from "react";
import { useNow } from "../../clock.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { toneText } from "../../look/tone.ts";
import { persistence } from "../../outbox/persistence.ts";
import { saveRescueFile } from "../../outbox/rescue.ts";
import { rowShown } from "../../scan/shown.ts";
import { useOutbox, useStation } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import { persistenceWords, waitingText } from "../../words/queue.ts";
import { scanTypeWords } from "../../words/scans.ts";
import { ageText, countOf, countText, timeText } from "../../words/time.ts";
import { AttentionRow } from "./attention-row.tsx";

/** Rows that are shown at once; the rescue file has all of them. */
const rowsShown = 100;

/** What this device holds that the record has not answered, and what a person can do about it. */
export const QueueScreen = () => (
  <div className="mx-auto grid max-w-5xl gap-3 p-3 sm:gap-4 sm:p-6">
    <Standing />
    <Attention />
    <Queued />
  </div>
);

const Standing = () => {
  const state = useOutbox();
  const { outbox } = useStation();
  const nowMs = useNow();
  const { waiting, absent, attention, oldestAtMs } = state;
  const figures = [
    ["Without an answer", countText(waiting)],
    ["Need attention", countText(attention.length)],
    ["Oldest", oldestAtMs === undefined ? "none" : ageText(nowMs - oldestAtMs)],
  ] as const;
  return (
    <Panel
      title="Queue of this device"
      aside={
        <Button onClick={() => void saveRescueFile(outbox)}>
          <Download aria-hidden="true" className="size-4" />
          Rescue file
        </Button>
      }
    >
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        <dl className="grid grid-cols-3 items-end gap-4">
          {figures.map(([word, figure]) => (
            <div key={word}>
              <dt className="text-sm text-soft">{word}</dt>
              <dd className="text-xl font-semibold tabular-nums">{figure}</dd>
            </div>
          ))}
        </dl>
        <p className="text-sm">{waitingText(state)}</p>
        {absent.length > 0 && (
          <p className="text-sm font-semibold text-service">
            {absent.join(" and ")} made some of them: those are sent when they sign in again.
          </p>
        )}
        <p className="text-sm text-soft">{persistenceWords[persistence()]}</p>
      </div>
    </Panel>
  );
};

const Attention = () => {
  const { attention } = useOutbox();
  const { outbox } = useStation();
  const [busy, setBusy] = useState(false);
  const refused = attention.filter(({ receipt }) => receipt !== undefined);
  const understood = async (): Promise<void> => {
    setBusy(true);
    for (const command of refused) await outbox.dismiss(command, "understood");
    setBusy(false);
  };
  return (
    <Panel
      title="Need attention"
      aside={
        refused.length > 1 && (
          <Button disabled={busy} onClick={() => void understood()}>
            All {countText(refused.length)} refused understood
          </Button>
        )
      }
    >
      {attention.length === 0 ? (
        <Waiting>Nothing waits for a person.</Waiting>
      ) : (
        <ol className="px-4 pb-3 sm:px-5">
          {attention.slice(0, rowsShown).map((command) => (
            <AttentionRow key={command.id} command={command} />
          ))}
        </ol>
      )}
      <More of={attention.length} />
    </Panel>
  );
};

const Queued = () => {
  const { rows, absent, waiting } = useOutbox();
  const site = useSite();
  const unanswered = rows.filter(({ receipt, state }) => receipt === undefined && state !== "refused");
  return (
    <Panel title="On their way">
      {unanswered.length === 0 ? (
        <Waiting>Nothing is on its way.</Waiting>
      ) : (
        <ol className="px-4 pb-3 sm:px-5">
          {unanswered.slice(0, rowsShown).map((row) => {
            const { icon: Icon, word, tone, note } = rowShown(row, absent);
            return (
              <li
                key={row.scan.id}
                className="grid min-h-12 grid-cols-[1.5rem_1fr_auto] items-start gap-x-2 border-t border-line py-2 text-sm"
              >
                <Icon aria-hidden="true" className={`mt-0.5 size-5 ${toneText[tone]}`} />
                <span className="min-w-0">
                  <span className="block truncate font-mono text-xs leading-5">{row.scan.tag}</span>
                  <span className={`font-semibold ${toneText[tone]}`}>{word}</span>
                  <span className="text-soft">
                    {" "}
                    {scanTypeWords[row.scan.type].word.toLowerCase()} · {note}
                  </span>
                </span>
                <span className="text-right text-xs leading-5 text-soft tabular-nums">
                  {timeText(row.capturedAtMs, site.timeZone)}
                  <span className="block">{row.by}</span>
                  {row.site !== site.id && <span className="block">at {row.site}</span>}
                </span>
              </li>
            );
          })}
        </ol>
      )}
      <More of={waiting} />
    </Panel>
  );
};

const More = ({ of }: { of: number }) =>
  of > rowsShown && (
    <p className="px-4 pb-3 text-sm text-soft sm:px-5">
      {countOf(rowsShown, "scan")} of {countText(of)} are shown. The rescue file has all of them.
    </p>
  );
