import type { Alert, Severity } from "@tagwire/messages";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { kindWords, severityShown } from "../../words/alerts.ts";
import { countText } from "../../words/time.ts";
import { useRows } from "../boards/rows-of.ts";

const openOnly = { state: "open" };
const rowsShown = 9;
const weight: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** What calls for attention, the most severe first. Nothing is done about it here: a wall has no hands. */
export const WallAlerts = () => {
  const site = useSite();
  const snapshot = useView(site.id, "alerts", openOnly);
  const fresh = useFreshness(snapshot);
  const alerts = useRows<Alert, Alert[]>(
    snapshot,
    (rows) =>
      rows.toSorted(
        (one, other) =>
          weight[one.severity] - weight[other.severity] || (one.openedAt < other.openedAt ? 1 : -1),
      ),
    [],
  );
  return (
    <Panel title="Alerts to be looked at" fresh={fresh}>
      {!snapshot.whole ? (
        <Waiting>{snapshot.fault?.message ?? "Asking for the alerts…"}</Waiting>
      ) : alerts.length === 0 ? (
        <Waiting>Nothing calls for attention.</Waiting>
      ) : (
        <ul className="px-4 pb-4 sm:px-5">
          {alerts.slice(0, rowsShown).map((alert) => (
            <li
              key={alert.id}
              className="flex flex-wrap items-baseline gap-x-3 border-t border-line py-2 first:border-t-0"
            >
              <Badge {...severityShown[alert.severity]} />
              <span className="min-w-0 grow">
                <strong className="font-semibold">{alert.name}</strong> · {kindWords[alert.kind].word} ·
                concerns {countText(alert.count)}
              </span>
              <span className="text-soft">
                <Age at={alert.openedAt} />
              </span>
            </li>
          ))}
          {alerts.length > rowsShown && (
            <li className="pt-2 text-sm text-soft tabular-nums">
              {rowsShown} of {countText(alerts.length)}
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
};
