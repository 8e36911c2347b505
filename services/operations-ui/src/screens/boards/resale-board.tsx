import type { StockRuleStanding } from "@tagwire/messages";
import { useCallback, useEffect, useState } from "react";
import { fetchResaleRule, runResaleRule, setResaleRule } from "../../api/stock-rules.ts";
import { StatusBadge } from "../../look/badge.tsx";
import { Button, buttonClass } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { countOf, durationText, instantText } from "../../words/time.ts";
import { TakeBack } from "../undo/take-back.tsx";
import { type Act, useAct } from "../use-act.ts";
import { Figures } from "./board-table.tsx";
import { daysSince, useMinute } from "./site-time.ts";
import { TagLink } from "./tag-link.tsx";

const daysMax = 365;
const out: ReadonlySet<string> = new Set(["on_rent", "delivered"]);

/** What is kept for resale or in packs: what there is of it, and the rule that sells what stays out. */
export const ResaleBoard = () => {
  const site = useSite();
  const act = useAct();
  const [standing, setStanding] = useState<StockRuleStanding>();
  const [wrong, setWrong] = useState<string>();
  const load = useCallback(
    async (days?: number, signal?: AbortSignal) => {
      const answer = await fetchResaleRule(site.id, days, signal);
      if (signal?.aborted) return;
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
      if (answer.kind === "ok") setStanding(answer.value);
    },
    [site.id],
  );
  useEffect(() => {
    const leave = new AbortController();
    void load(undefined, leave.signal);
    return () => leave.abort();
  }, [load]);
  if (standing === undefined)
    return (
      <Panel title="Resale and packs">
        <Waiting>{wrong ?? "Waiting for figures…"}</Waiting>
      </Panel>
    );
  const { stock } = standing;
  const countWhere = (wanted: (status: string) => boolean) =>
    stock.reduce((sum, { status, items }) => sum + (wanted(status) ? items : 0), 0);
  const sold = `/api/v1/sites/${encodeURIComponent(site.id)}/items:export?format=csv&status=sold`;
  return (
    <>
      <Panel
        title="Resale and packs"
        aside={
          <a href={sold} download className={buttonClass("outline")}>
            Sold items as CSV
          </a>
        }
      >
        <Figures
          of={[
            { word: "In all", value: countWhere((status) => status !== "sold" && status !== "retired") },
            { word: "Out", value: countWhere((status) => out.has(status)) },
            {
              word: "Due to be sold",
              value: standing.due.count,
              note: `after ${countOf(standing.due.days, "day")}`,
            },
            { word: "Sold", value: countWhere((status) => status === "sold") },
          ]}
        />
        <Rule {...{ standing, act, load, onSet: setStanding }} />
      </Panel>
      <Due standing={standing} />
      <Lately standing={standing} />
    </>
  );
};

type RuleProps = {
  standing: StockRuleStanding;
  act: Act;
  load: (days?: number) => Promise<void>;
  onSet: (standing: StockRuleStanding) => void;
};

const Rule = ({ standing, act, load, onSet }: RuleProps) => {
  const site = useSite();
  const [text, setText] = useState(String(standing.days));
  const [ran, setRan] = useState<string>();
  const days = /^[1-9]\d*$/.test(text.trim()) ? Number(text) : 0;
  const error = days < 1 || days > daysMax ? `A number from 1 to ${daysMax}.` : undefined;
  const set = async (body: { enabled?: boolean; days?: number }) => {
    const now = await act.run(() => setResaleRule(site.id, body));
    if (now !== undefined) onSet(now);
  };
  const run = async () => {
    const done = await act.run(() => runResaleRule(site.id));
    if (done === undefined) return;
    setRan(`${countOf(done.sold, "item")} sold${done.left === 0 ? "" : `, ${done.left} left`}.`);
    await load();
  };
  return (
    <div className="grid gap-3 px-4 pb-4 sm:px-5">
      <p className="text-sm">
        What went out and was not scanned for {countOf(standing.days, "day")} is sold.{" "}
        {standing.enabled
          ? `The site does it by itself and looks every ${durationText(standing.everyMs)}.`
          : "The site does not do it by itself."}
      </p>
      <div className="flex flex-wrap items-end gap-2">
        <div className="w-28">
          <TextField
            label="Days"
            inputMode="numeric"
            maxLength={3}
            value={text}
            error={error}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Button disabled={act.busy || error !== undefined} onClick={() => void load(days)}>
          Look what it would sell
        </Button>
        <Button
          disabled={act.busy || error !== undefined || days === standing.days}
          onClick={() => void set({ days })}
        >
          Set the days
        </Button>
        <Button disabled={act.busy} onClick={() => void set({ enabled: !standing.enabled })}>
          {standing.enabled ? "Switch it off" : "Let the site do it"}
        </Button>
        <SureButton
          sure={`Yes, sell what is due after ${countOf(standing.days, "day")}`}
          disabled={act.busy}
          onSure={() => void run()}
        >
          Sell now…
        </SureButton>
      </div>
      {ran !== undefined && <p role="status">{ran}</p>}
      <WrongSaid wrong={act.wrong} />
    </div>
  );
};

const Due = ({ standing: { due } }: { standing: StockRuleStanding }) => {
  const nowMs = useMinute();
  return (
    <Panel title={`Due after ${countOf(due.days, "day")}`}>
      {due.items.length === 0 ? (
        <Waiting>Nothing is due.</Waiting>
      ) : (
        <ul className="px-4 pb-3 sm:px-5">
          {due.items.map(({ tag, class: name, role, status, contract, lastScanAt }) => (
            <li key={tag} className="flex flex-wrap items-center gap-x-3 border-t border-line text-sm">
              <TagLink tag={tag} />
              <StatusBadge status={status} />
              <span className="min-w-0 break-words">
                {[name, role, contract, `not scanned for ${countOf(daysSince(lastScanAt, nowMs), "day")}`]
                  .filter((part) => part !== null)
                  .join(" · ")}
              </span>
            </li>
          ))}
        </ul>
      )}
      {due.count > due.items.length && (
        <p className="px-4 pb-3 text-sm text-soft sm:px-5">
          The first {due.items.length} of {due.count}.
        </p>
      )}
    </Panel>
  );
};

const Lately = ({ standing: { lately } }: { standing: StockRuleStanding }) => {
  const { timeZone } = useSite();
  if (lately.length === 0) return null;
  return (
    <Panel title="Sold by the rule lately">
      <ul className="px-4 pb-3 sm:px-5">
        {lately.map(({ tag, at, pos, by, undone }) => (
          <li key={pos} className="flex flex-wrap items-center gap-x-3 border-t border-line text-sm">
            <TagLink tag={tag} />
            <span className="min-w-0 break-words">
              {instantText(at, timeZone)} · {byText(by)}
            </span>
            {undone ? (
              <span className="text-soft">taken back</span>
            ) : (
              <TakeBack what={{ events: [pos] }} label={`Take back the sale of ${tag}`} />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
};
