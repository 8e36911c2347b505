import type { SettingsChange } from "@tagwire/messages";
import { useCallback, useState } from "react";
import { fetchHistory } from "../../api/stations.ts";
import { useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { settingsTexts } from "../../words/settings-changes.ts";
import { instantText } from "../../words/time.ts";
import { useReading } from "../laundry/use-reading.ts";

type Props = { about: "reader" | "station" | "zone"; id: string };

/** Who set what of a reader, a station or a zone, and when. Read again when the log says that something was set. */
export const HistoryPanel = ({ about, id }: Props) => {
  const site = useSite();
  const [pages, setPages] = useState(1);
  const { rows } = useView(site.id, "events", { type: `${about}.configured` });
  const read = useCallback(
    (signal: AbortSignal) => fetchHistory(site.id, { path: `${about}s`, id, pages }, signal),
    [site.id, about, id, pages],
  );
  const { value, refusal } = useReading(read, [...rows.keys()].at(-1) ?? "");
  return (
    <Panel title={`What was set${about !== "reader" ? ` of ${id}` : ""}`}>
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Looking into the log…"}</Waiting>
      ) : value.data.length === 0 ? (
        <Waiting>
          {about === "zone"
            ? "Nobody has drawn it yet."
            : "The log has nothing of it: it was set before such changes were kept."}
        </Waiting>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="max-h-96 overflow-y-auto" tabIndex={0} aria-label="Changes of settings">
          <ol className="px-4 pb-3 sm:px-5">
            {value.data.map((change) => (
              <ChangeLine key={`${change.epoch}:${change.pos}`} change={change} />
            ))}
          </ol>
          {value.nextCursor !== null && (
            <Button kind="quiet" className="mx-2 mb-2" onClick={() => setPages(pages + 1)}>
              Show earlier changes
            </Button>
          )}
        </section>
      )}
    </Panel>
  );
};

const ChangeLine = ({ change }: { change: SettingsChange }) => {
  const { timeZone } = useSite();
  const texts = settingsTexts(change);
  return (
    <li className="grid gap-0.5 border-t border-line py-2.5 text-sm first:border-t-0">
      {(texts.length === 0 ? ["Set again as it was"] : texts).map((text) => (
        <p key={text} className="break-words">
          {text}
        </p>
      ))}
      <p className="text-xs break-words text-soft tabular-nums">
        {byText(change.by)} · {instantText(change.at, timeZone)} · <Age at={change.at} />
      </p>
    </li>
  );
};
