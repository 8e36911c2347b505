import type { AlertRule, AlertRuleTest } from "@tagwire/messages";
import { useId, useState } from "react";
import { deleteRule, patchRule, testRule } from "../../api/alerts.ts";
import type { Answer } from "../../api/http.ts";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { useSite } from "../../site-context.ts";
import { channelWords, kindWords, severityShown } from "../../words/alerts.ts";
import { countText } from "../../words/time.ts";

type Props = { rule: AlertRule; onEdit: () => void; onChanged: () => void };

/** A rule: what it watches for, whom it tells, and what it finds now when somebody tries it. */
export const RuleLine = ({ rule, onEdit, onChanged }: Props) => {
  const site = useSite();
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [tried, setTried] = useState<AlertRuleTest>();
  const titleId = useId();
  const run = async <T,>(work: Promise<Answer<T>>, then: (value: T) => void): Promise<void> => {
    setBusy(true);
    const answer = await work;
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") then(answer.value);
  };
  const { id, enabled, severity, kind, quietHours, channels, escalateAfterMinutes } = rule;
  const told = channels.map(({ kind: channel }) => channelWords[channel] ?? channel);
  return (
    <li aria-labelledby={titleId} className="grid gap-2 border-t border-line px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge {...severityShown[severity]} />
        <h3 id={titleId} className="font-semibold break-words">
          {rule.name}
        </h3>
        {!enabled && <span className="text-sm font-semibold text-soft">switched off</span>}
      </div>
      <p className="text-sm text-soft">
        {kindWords[kind].word} · tells {told.length === 0 ? "nobody" : told.join(", ")}
        {quietHours !== null && ` · quiet from ${quietHours.from} to ${quietHours.to}`}
        {escalateAfterMinutes !== null && ` · again after ${escalateAfterMinutes} min`} · changed by{" "}
        {rule.changedBy}
      </p>
      {tried !== undefined && <Tried tried={tried} />}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button disabled={isBusy} onClick={onEdit}>
          Change
        </Button>
        <Button
          disabled={isBusy}
          onClick={() => void run(patchRule(site.id, { id, patch: { enabled: !enabled } }), onChanged)}
        >
          {enabled ? "Switch off" : "Switch on"}
        </Button>
        <Button disabled={isBusy} onClick={() => void run(testRule(site.id, id), setTried)}>
          Try it
        </Button>
        <SureButton
          sure="Yes, take it away"
          disabled={isBusy}
          onSure={() => void run(deleteRule(site.id, id), onChanged)}
        >
          Take away…
        </SureButton>
      </div>
    </li>
  );
};

const Tried = ({
  tried: { holds, count, examples, notifications, warnings = [] },
}: {
  tried: AlertRuleTest;
}) => (
  <div role="status" className="grid gap-1 rounded-md bg-sunken p-3 text-sm">
    <p className="font-semibold">
      {holds ? `It holds now, of ${countText(count)}.` : "It finds nothing now."} Nothing is raised by trying.
    </p>
    {examples.length > 0 && <p className="break-words">{examples.map(({ key }) => key).join(", ")}</p>}
    {notifications.map(({ id, channel, state, why }) => (
      <p key={id}>
        {channelWords[channel] ?? channel}: {state}
        {why !== null && ` (${why})`}
      </p>
    ))}
    {warnings.map(({ message }) => (
      <p key={message} className="font-semibold text-service">
        {message}
      </p>
    ))}
  </div>
);
