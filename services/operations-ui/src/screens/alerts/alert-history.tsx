import type { AlertDetail } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { fetchAlert } from "../../api/alerts.ts";
import { Age } from "../../look/age.tsx";
import { useSite } from "../../site-context.ts";
import { changeWords, channelWords } from "../../words/alerts.ts";

/** What became of an alert and who was told, read anew with each of its versions. */
export const AlertHistory = ({ id, version }: { id: string; version: number }) => {
  const site = useSite();
  const [detail, setDetail] = useState<AlertDetail>();
  const [wrong, setWrong] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is why to read it
  useEffect(() => {
    const leave = new AbortController();
    void fetchAlert(site.id, id, leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setDetail(answer.value);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    return () => leave.abort();
  }, [site.id, id, version]);
  if (detail === undefined) return <p className="text-sm text-soft">{wrong ?? "Reading its history…"}</p>;
  return (
    <section aria-label="History" className="grid gap-3 rounded-md bg-sunken p-3 text-sm lg:grid-cols-2">
      <ol>
        {detail.history.map(({ what, at, by, why, count }) => (
          <li key={`${what} ${at}`}>
            <span className="font-semibold">{changeWords[what]}</span> <Age at={at} />
            <span className="text-soft">
              {" "}
              · {by} · {count} then
            </span>
            {why !== null && <span> “{why}”</span>}
          </li>
        ))}
      </ol>
      <ul>
        {detail.notifications.length === 0 && <li className="text-soft">Nobody was told by mail or push.</li>}
        {detail.notifications.map(({ id: line, channel, what, state, why }) => (
          <li key={line}>
            {channelWords[channel] ?? channel}: {what}, {state}
            {why !== null && <span className="text-soft"> ({why})</span>}
          </li>
        ))}
      </ul>
    </section>
  );
};
