import type { Alert, Severity } from "@tagwire/messages";
import { useCallback, useMemo, useState } from "react";
import { fetchPastAlerts } from "../../api/alerts.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { SelectField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { useReading } from "../laundry/use-reading.ts";
import { AlertLine } from "./alert-line.tsx";

const choices = { open: "To be looked at", resolved: "Over" } as const;
const openOnly = { state: "open" };
type Choice = keyof typeof choices;

const severityOrder: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
/** What somebody has taken up, or put off, stands below what nobody has looked at. */
const isTaken = ({ state }: Alert): boolean => state === "acknowledged" || state === "snoozed";
const shownMax = 100;

const byWeight = (left: Alert, right: Alert): number =>
  Number(isTaken(left)) - Number(isTaken(right)) ||
  severityOrder[left.severity] - severityOrder[right.severity] ||
  (left.openedAt < right.openedAt ? 1 : -1);

/** Alerts, live: what nobody has taken up first, the most severe of them on top. */
export const InboxPanel = () => {
  const site = useSite();
  const [choice, setChoice] = useState<Choice>("open");
  const snapshot = useView(site.id, "alerts", openOnly);
  const fresh = useFreshness(snapshot);
  const alerts = useMemo(
    () => ([...snapshot.rows.values()] as unknown as Alert[]).sort(byWeight),
    [snapshot],
  );
  return (
    <Panel
      title="Alerts"
      fresh={fresh}
      aside={
        <SelectField
          label="Which alerts"
          hideLabel
          value={choice}
          onChange={(event) => setChoice(event.target.value as Choice)}
        >
          {Object.entries(choices).map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </SelectField>
      }
    >
      {choice === "resolved" ? (
        <PastAlerts news={`${snapshot.snapshots}:${snapshot.pos}:${alerts.length}`} />
      ) : snapshot.whole ? (
        <AlertList alerts={alerts} nothing="Nothing calls for attention." />
      ) : (
        <Waiting>{snapshot.fault?.message ?? "Asking for the alerts…"}</Waiting>
      )}
    </Panel>
  );
};

/** What is over is no part of the live view: it is read, and again with whatever becomes of an open one. */
const PastAlerts = ({ news }: { news: string }) => {
  const site = useSite();
  const read = useCallback((signal: AbortSignal) => fetchPastAlerts(site.id, signal), [site.id]);
  const { value, refusal } = useReading(read, news);
  if (value === undefined) return <Waiting>{refusal?.message ?? "Asking for the alerts…"}</Waiting>;
  return <AlertList alerts={value.data} nothing="No alert is over yet, of those that are kept." />;
};

const AlertList = ({ alerts, nothing }: { alerts: readonly Alert[]; nothing: string }) =>
  alerts.length === 0 ? (
    <Waiting>{nothing}</Waiting>
  ) : (
    <>
      <ul>
        {alerts.slice(0, shownMax).map((alert) => (
          <AlertLine key={alert.id} alert={alert} />
        ))}
      </ul>
      {alerts.length > shownMax && (
        <p className="px-4 pb-3 text-sm text-soft sm:px-5">
          The first {shownMax} of {alerts.length} are shown.
        </p>
      )}
    </>
  );
