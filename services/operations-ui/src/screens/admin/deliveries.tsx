import type { Webhook, WebhookDelivery } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { deliveriesShownMax, fetchDeliveries, replayWebhook } from "../../api/webhooks.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { SelectField } from "../../look/field.tsx";
import { attemptText, deliveryWords } from "../../words/webhooks.ts";

type Props = { webhook: Webhook; onChanged: () => void };

/** The ledger of an endpoint: what was posted, what came of it, and each of it once more. */
export const Deliveries = ({ webhook, onChanged }: Props) => {
  const [state, setState] = useState("");
  const [rows, setRows] = useState<readonly WebhookDelivery[]>();
  const [wrong, setWrong] = useState<string>();
  // Every look at the endpoint is a new object, and a reason to look at its ledger.
  useEffect(() => {
    const leave = new AbortController();
    void fetchDeliveries(webhook.id, state, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setRows(answer.value.data);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [webhook, state]);
  const again = async (delivery: string): Promise<void> => {
    const answer = await replayWebhook(webhook.id, { delivery });
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    onChanged();
  };
  return (
    <section aria-label={`Deliveries to ${webhook.url}`} className="grid gap-2 rounded-md bg-sunken p-3">
      <div className="sm:max-w-60">
        <SelectField label="Which" value={state} onChange={(event) => setState(event.target.value)}>
          <option value="">All</option>
          {Object.entries(deliveryWords).map(([name, word]) => (
            <option key={name} value={name}>
              {word}
            </option>
          ))}
        </SelectField>
      </div>
      {wrong !== undefined && (
        <p role="alert" className="font-semibold text-missing">
          {wrong}
        </p>
      )}
      {rows === undefined ? (
        <p className="text-soft">Reading the ledger…</p>
      ) : rows.length === 0 ? (
        <p className="text-soft">There is none.</p>
      ) : (
        <ol>
          {rows.map((row) => (
            <li
              key={row.id}
              className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-1 first:border-t-0"
            >
              <span className="w-24 font-semibold">{deliveryWords[row.state]}</span>
              <span>{row.type}</span>
              <span className="min-w-0 font-mono text-xs break-all">{row.key}</span>
              <span className="text-soft">
                <Age at={row.createdAt} /> · {row.attempts} × tried
                {row.attempts > 0 && `, ${attemptText({ status: row.lastStatus, error: row.lastError })}`}
              </span>
              {row.state !== "pending" && (
                <Button className="ml-auto" onClick={() => void again(row.id)}>
                  Send again
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
      {rows?.length === deliveriesShownMax && (
        <p className="text-soft">The newest {deliveriesShownMax} are shown.</p>
      )}
    </section>
  );
};
