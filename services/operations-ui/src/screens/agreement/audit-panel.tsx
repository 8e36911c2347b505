import { type Audit, unprovenText } from "@tagwire/messages";
import { useState } from "react";
import { runAudit } from "../../api/agreement.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { findingWord, tierWords, verdictWords } from "../../words/findings.ts";
import { countOf, countText, durationText } from "../../words/time.ts";
import { useAudits } from "./use-audits.ts";

/** The last audit, the ones before it, and the next one at the press of a button. */
export const AuditPanel = () => {
  const site = useSite();
  const { audits, wrong, hasMore, more, look } = useAudits(site.id);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const run = async (): Promise<void> => {
    setBusy(true);
    const answer = await runAudit(site.id);
    setRefused(answer.kind === "refused" ? answer.refusal.message : undefined);
    setBusy(false);
    look();
  };
  const [last, ...before] = audits ?? [];
  return (
    <Panel
      title="Audits"
      aside={
        <Button kind="primary" disabled={busy} onClick={() => void run()}>
          {busy ? "Auditing…" : "Audit now"}
        </Button>
      }
    >
      {(refused ?? wrong) !== undefined && (
        <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
          {refused ?? wrong}
        </p>
      )}
      {last === undefined ? (
        <Waiting>
          {audits === undefined
            ? "Asking for the audits…"
            : "This site was not audited yet. Every site is, once in five minutes."}
        </Waiting>
      ) : (
        <>
          <LastAudit audit={last} />
          <Earlier audits={before} more={hasMore ? more : undefined} />
        </>
      )}
    </Panel>
  );
};

const foundText = ({ found }: Audit): string =>
  found
    .map(({ code, count }) => `${findingWord(code)}${count > 1 ? ` (${countText(count)})` : ""}`)
    .join(", ");

const LastAudit = ({ audit }: { audit: Audit }) => {
  const { verdict, startedAt, durationMs, barrier, tiers, why, bucketsCompared, rowsRead } = audit;
  return (
    <div className="grid gap-3 px-4 pb-4 sm:px-5">
      <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge {...verdictWords[verdict]} large />
        <span className="text-sm text-soft">
          {verdict === "agree" ? "proven " : "audited "}
          <Age at={startedAt} />
          {barrier !== null && `, at position ${countText(barrier.pos)} of the log`}, in{" "}
          {durationText(durationMs)}
        </span>
      </p>
      {why !== null && <p className="text-sm font-semibold">{why}</p>}
      {audit.found.length > 0 && <p className="text-sm font-semibold">{foundText(audit)}</p>}
      <p className="text-sm text-soft">
        {countText(bucketsCompared)} sums compared, {countText(rowsRead)} rows and events read.
      </p>
      <NotLookedInto audit={audit} />
      <ul className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2 xl:grid-cols-6">
        {tiers.map(({ tier, checked, found, durationMs: ms }) => (
          <li key={tier} className="grid">
            <span className="font-semibold">{tierWords[tier]}</span>
            <span className="text-soft tabular-nums">
              {countText(checked)} checked · {found === 0 ? "nothing odd" : `${countText(found)} found`} ·{" "}
              {durationText(ms)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** Of what nothing is proven, whatever the audit says of the rest. */
const NotLookedInto = ({ audit: { unproven = [] } }: { audit: Audit }) =>
  unproven.length === 0 ? null : (
    <div className="text-sm">
      <p className="font-semibold text-service">Not looked into</p>
      <ul>
        {unproven.map((one) => (
          <li key={`${one.what} ${one.why}`} className="break-words">
            {unprovenText(one)}
          </li>
        ))}
      </ul>
    </div>
  );

const Earlier = ({ audits, more }: { audits: readonly Audit[]; more: (() => void) | undefined }) =>
  audits.length === 0 ? null : (
    <details className="border-t border-line px-4 py-2 sm:px-5">
      <summary className="hit flex cursor-pointer items-center text-sm font-semibold">
        {more === undefined
          ? `${countOf(audits.length, "audit")} before`
          : `The last ${countOf(audits.length, "audit")} before, of more`}
      </summary>
      <ol className="pb-2">
        {audits.map((audit) => (
          <li
            key={audit.id}
            className="flex flex-wrap items-center gap-x-3 border-t border-line py-1.5 text-sm first:border-t-0"
          >
            <Badge {...verdictWords[audit.verdict]} />
            <Age at={audit.startedAt} />
            <span className="text-soft tabular-nums">{durationText(audit.durationMs)}</span>
            <span className="min-w-0 break-words">{audit.why ?? foundText(audit)}</span>
          </li>
        ))}
      </ol>
      {more !== undefined && <Button onClick={more}>Earlier audits</Button>}
    </details>
  );
