import type { Reader } from "@tagwire/messages";
import { TriangleAlert } from "lucide-react";
import { memo, useMemo } from "react";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { phaseWords } from "../../words/readers.ts";
import { countText } from "../../words/time.ts";

/** The readers of the site: what each is doing, how fast it reads, and what to do when it does not. */
export const ReaderStrip = ({ className }: { className: string }) => {
  const site = useSite();
  const snapshot = useView(site.id, "readers");
  const fresh = useFreshness(snapshot);
  const readers = useMemo(
    () => ([...snapshot.rows.values()] as unknown as Reader[]).sort((a, b) => a.id.localeCompare(b.id)),
    [snapshot],
  );
  return (
    <Panel title="Readers" fresh={fresh} className={className}>
      {readers.length === 0 ? (
        <Waiting>
          {snapshot.whole
            ? "No readers here. Hand scanners and this page work without one."
            : "Asking for the readers."}
        </Waiting>
      ) : (
        <ul className="grid gap-2 px-4 pb-4 sm:grid-cols-2 sm:px-5">
          {readers.map((reader) => (
            <ReaderCard key={reader.id} reader={reader} />
          ))}
        </ul>
      )}
    </Panel>
  );
};

const ReaderCard = memo(({ reader }: { reader: Reader }) => {
  const phase = phaseWords[reader.status];
  const antennas = Object.values(reader.antennasConnected);
  const connected = antennas.filter(Boolean).length;
  return (
    <li className="min-w-0 rounded-md border border-line bg-sunken p-3">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 grow truncate font-mono text-sm font-semibold">{reader.id}</h3>
        <Badge icon={phase.icon} word={phase.word} tone={phase.tone} />
      </div>
      <p className="mt-2 flex items-baseline gap-1.5">
        <span className="figure text-xl">{reader.rate.toFixed(reader.rate < 10 ? 1 : 0)}</span>
        <span className="text-sm text-soft">reads/s</span>
        <span className="ml-auto truncate text-xs text-soft">
          {antennas.length > 0 ? `${connected} of ${antennas.length} antennas` : reader.driver.toUpperCase()}
        </span>
      </p>
      <p className="mt-1 text-xs text-soft tabular-nums">
        {countText(reader.counts.observations)} observations
        {reader.counts.pending > 0 && ` · ${countText(reader.counts.pending)} pending`}
        {reader.counts.malformed > 0 && ` · ${countText(reader.counts.malformed)} malformed`} · since{" "}
        <Age at={reader.since} />
      </p>
      {reader.fault && (
        <p className="mt-2 flex gap-2 rounded-sm bg-missing-wash p-2 text-xs text-missing">
          <TriangleAlert aria-hidden="true" className="mt-px size-4 shrink-0" />
          <span className="min-w-0 break-words">
            <strong className="font-semibold">{reader.fault.message}</strong> {reader.fault.advice}
          </span>
        </p>
      )}
    </li>
  );
});
