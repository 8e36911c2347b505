import { FileDown, Printer } from "lucide-react";
import { useCallback, useMemo } from "react";
import { differencesFile, fetchDifferences } from "../../api/laundry.ts";
import { useNow } from "../../clock.ts";
import { isDoubtful, readingFreshness } from "../../live/freshness.ts";
import type { LiveRow } from "../../live/protocol.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { AsOf } from "../../look/as-of.tsx";
import { Button, buttonClass } from "../../look/button.tsx";
import { Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { instantText } from "../../words/time.ts";
import { RoundReport } from "./round-report.tsx";
import { useReading } from "./use-reading.ts";

/** The newest event that says something of a contract, as far as the live events show it. */
const newestOf = (number: string, rows: ReadonlyMap<string, LiveRow>): number => {
  let newest = 0;
  for (const { contract, pos } of rows.values())
    if (contract === number) newest = Math.max(newest, Number(pos ?? 0));
  return newest;
};

/** The difference report of a laundry contract, round by round, for the screen and for paper. */
export const LaundryReport = ({ number }: { number: string }) => {
  const site = useSite();
  const events = useView(site.id, "events");
  const view = useFreshness(events);
  const nowMs = useNow();
  const read = useCallback(
    (signal: AbortSignal) => fetchDifferences(site.id, number, signal),
    [site.id, number],
  );
  const news = useMemo(() => `${events.snapshots}:${newestOf(number, events.rows)}`, [events, number]);
  const { value, refusal, reading } = useReading(read, news);
  const fresh = readingFreshness(view, reading, nowMs);
  return (
    <article aria-label={`Differences of ${number}`} className="grid min-w-0 gap-3 sm:gap-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-xl font-semibold tracking-tight tabular-nums">{value?.number ?? number}</h2>
        <span className="print:hidden">
          <AsOf fresh={fresh} />
        </span>
        <span className="hidden text-sm print:inline">
          {site.name} · {instantText(reading.readAtMs ?? nowMs, site.timeZone)}
        </span>
        <div className="ml-auto flex flex-wrap gap-2 print:hidden">
          {(["csv", "xlsx"] as const).map((format) => (
            <a
              key={format}
              href={differencesFile(site.id, number, format)}
              download
              className={buttonClass()}
            >
              <FileDown aria-hidden="true" className="size-4" />
              {format === "csv" ? "CSV" : "Excel"}
            </a>
          ))}
          <Button kind="primary" onClick={() => print()}>
            <Printer aria-hidden="true" className="size-4" />
            Print
          </Button>
        </div>
      </header>
      {value === undefined ? (
        <Waiting>{refusal?.message ?? "Reading the report…"}</Waiting>
      ) : (
        <div className={`grid gap-3 sm:gap-4 ${isDoubtful(fresh) ? "doubtful" : ""}`}>
          {value.data.map((round) => (
            <RoundReport key={round.round} round={round} />
          ))}
        </div>
      )}
      {value?.nextCursor != null && <p className="text-sm text-soft">Earlier rounds are in the file.</p>}
    </article>
  );
};
