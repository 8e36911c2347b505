import type { Alert } from "@tagwire/messages";
import { useId, useState } from "react";
import { type AlertDeed, actOnAlert } from "../../api/alerts.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { alertStateWords, groupWord, kindWords, severityShown } from "../../words/alerts.ts";
import { personText } from "../../words/by.ts";
import { countText, instantText } from "../../words/time.ts";
import { AlertHistory } from "./alert-history.tsx";

const hourMs = 3_600_000;
/** For how long an alert may be put off with one press. */
const snoozes = [
  { word: "Snooze 1 h", forMs: hourMs },
  { word: "Snooze 8 h", forMs: 8 * hourMs },
] as const;
/** Of what an alert is about so much is named beside it; its history has the rest. */
const examplesShown = 4;

/** One alert: how severe, what it is about, who has it, and what can be done. */
export const AlertLine = ({ alert }: { alert: Alert }) => {
  const site = useSite();
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const titleId = useId();
  const act = async (deed: AlertDeed): Promise<void> => {
    setBusy(true);
    const answer = await actOnAlert(site.id, alert.id, deed);
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
  };
  const about = alert.examples.slice(0, examplesShown).map(({ key }) => key);
  const isOver = alert.state === "resolved";
  return (
    <li aria-labelledby={titleId} className="grid gap-2 border-t border-line px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge {...severityShown[alert.severity]} />
        <h3 id={titleId} className="font-semibold break-words">
          {alert.name}
          {alert.group !== "" && (
            <span className="font-normal text-soft"> · {groupWord(alert.kind, alert.group)}</span>
          )}
        </h3>
        <Badge {...alertStateWords[alert.state]} />
        <span className="ml-auto text-sm text-soft">
          since <Age at={alert.openedAt} />
        </span>
      </div>
      <p className="text-sm break-words">
        {kindWords[alert.kind].word} · concerns{" "}
        <span className="font-semibold tabular-nums">{countText(alert.count)}</span>
        {about.length > 0 && (
          <span className="text-soft">
            : {about.join(", ")}
            {alert.count > about.length && " and more"}
          </span>
        )}
      </p>
      <Whose alert={alert} />
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {(alert.state === "raised" || alert.state === "escalated" || alert.state === "snoozed") && (
          <Button kind="primary" disabled={isBusy} onClick={() => void act({ act: "acknowledge" })}>
            Take it up
          </Button>
        )}
        {!isOver &&
          snoozes.map(({ word, forMs }) => (
            <Button
              key={word}
              disabled={isBusy}
              onClick={() => void act({ act: "snooze", until: new Date(Date.now() + forMs).toISOString() })}
            >
              {word}
            </Button>
          ))}
        <Button disabled={isBusy} onClick={() => void act({ act: isOver ? "reopen" : "resolve" })}>
          {isOver ? "Raise again" : "Close"}
        </Button>
        <Button kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide history" : "History"}
        </Button>
      </div>
      {isOpen && <AlertHistory id={alert.id} version={alert.version} />}
    </li>
  );
};

const Whose = ({ alert }: { alert: Alert }) => {
  const { timeZone } = useSite();
  const texts = [
    ...(alert.acknowledgedBy === null ? [] : [`Taken up by ${personText(alert.acknowledgedBy)}`]),
    ...(alert.snoozedUntil === null
      ? []
      : [`Nobody is told until ${instantText(alert.snoozedUntil, timeZone)}`]),
    ...(alert.reopened === 0 ? [] : [`Came back ${alert.reopened} ×`]),
    ...(alert.resolvedBy === null
      ? []
      : [alert.resolvedBy === "itself" ? "Over by itself" : "Closed by a person"]),
  ];
  return texts.length === 0 ? null : <p className="text-sm text-soft">{texts.join(" · ")}</p>;
};
