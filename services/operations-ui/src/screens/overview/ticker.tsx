import type { LoggedEvent } from "@tagwire/messages";
import { Pause, Play } from "lucide-react";
import { memo, useMemo, useState } from "react";
import type { LiveRow } from "../../live/protocol.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { CopyText } from "../../look/copy.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { TagText } from "../../look/tag-text.tsx";
import { toneText } from "../../look/tone.ts";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { byText } from "../../words/by.ts";
import { eventShown } from "../../words/events.ts";
import { statusWord } from "../../words/statuses.ts";
import { timeText, zoneText } from "../../words/time.ts";

export const eventsShown = 24;

const newestOf = (rows: ReadonlyMap<string, unknown>): LoggedEvent[] =>
  [...rows.values()].slice(-eventsShown).reverse() as LoggedEvent[];

/** What just happened. It can be held still, for whoever wants to read it. */
export const Ticker = ({ className }: { className: string }) => {
  const site = useSite();
  const snapshot = useView(site.id, "events");
  const fresh = useFreshness(snapshot);
  const newest = useMemo(() => newestOf(snapshot.rows), [snapshot]);
  const [held, setHeld] = useState<readonly LoggedEvent[]>();
  const shown = held ?? newest;
  const items = useView(site.id, "items").rows;
  const missed = held === undefined ? 0 : snapshot.pos - (held[0]?.pos ?? snapshot.pos);
  return (
    <Panel
      title="Just now"
      fresh={fresh}
      className={className}
      aside={
        <Button
          kind="quiet"
          className="-mr-3 font-medium!"
          onClick={() => setHeld(held === undefined ? newest : undefined)}
        >
          {held === undefined ? (
            <Pause aria-hidden="true" className="size-4" />
          ) : (
            <Play aria-hidden="true" className="size-4" />
          )}
          {held === undefined ? "Hold" : missed > 0 ? `Go on (${missed} newer)` : "Go on"}
        </Button>
      }
    >
      {shown.length === 0 ? (
        <Waiting>Nothing has happened yet. Scan a tag, and it shows here in the same moment.</Waiting>
      ) : (
        <>
          <p className="px-4 text-xs text-soft sm:px-5">
            {zoneText(shown[0]?.recordedAt ?? 0, site.timeZone)}
          </p>
          <ol className="grid px-2 pb-2 sm:px-3">
            {shown.map((event) => (
              <EventLine
                key={`${event.epoch}:${event.pos}`}
                event={event}
                site={site.id}
                timeZone={site.timeZone}
                itemClass={classOf(items, event.tag)}
              />
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
};

const classOf = (items: ReadonlyMap<string, LiveRow>, tag: string | undefined): string | undefined => {
  const named = tag === undefined ? undefined : items.get(tag)?.class;
  return typeof named === "string" ? named : undefined;
};

type LineProps = { event: LoggedEvent; site: string; timeZone: string; itemClass: string | undefined };

const EventLine = memo(({ event, site, timeZone, itemClass }: LineProps) => {
  const { icon: Icon, word, tone } = eventShown(event.type);
  const { set, item, outcome } = event.data as {
    set?: { status?: string; place?: string | null };
    item?: { class?: string };
    outcome?: string;
  };
  const named = item?.class ?? itemClass;
  return (
    <li className="enter grid grid-cols-[1.5rem_1fr_auto] items-start gap-x-2 border-t border-line px-1 py-2 text-sm first:border-t-0">
      <Icon aria-hidden="true" className={`mt-0.5 size-5 ${toneText[tone]}`} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold">
            {outcome === "rejected" ? `Refused: ${word.toLowerCase()}` : word}
          </span>
          {set?.status !== undefined && <span className="text-soft">→ {statusWord(set.status)}</span>}
          {named && <span className="truncate">{named}</span>}
        </p>
        <p className="flex flex-wrap items-baseline gap-x-2 text-soft">
          {event.tag !== undefined && (
            <a
              href={routeText({ site, screen: "live", tag: event.tag })}
              className="min-w-0 text-ink underline decoration-edge underline-offset-3 after:absolute after:inset-0 hover:decoration-ink"
            >
              <TagText tag={event.tag} />
            </a>
          )}
          {event.tag === undefined && event.contract !== undefined && (
            <span className="text-xs text-ink">{event.contract} </span>
          )}
          <span className="text-xs">{byText(event.by)}</span>
        </p>
      </div>
      <div className="relative text-right text-xs text-soft">
        <p className="tabular-nums">
          {timeText(event.recordedAt, timeZone)} · <Age at={event.recordedAt} />
        </p>
        <CopyText value={event.traceId} short={event.traceId.slice(0, 8)} label="trace id" />
      </div>
    </li>
  );
});
