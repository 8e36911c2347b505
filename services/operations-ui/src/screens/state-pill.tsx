import { Cloud, CloudOff, Play, RefreshCw, TriangleAlert } from "lucide-react";
import { staleAfterMs } from "../live/freshness.ts";
import { setHeld, useHeldSinceMs } from "../live/hold.ts";
import { type LinkState, useLinkState } from "../live/use-live.ts";
import { Button } from "../look/button.tsx";
import { toneWash } from "../look/tone.ts";
import { useOutbox } from "../scan/station.ts";
import { useSite } from "../site-context.ts";
import { type QueueShown, queueShown } from "../words/queue.ts";
import { durationText } from "../words/time.ts";
import { PlaceLink } from "./place-link.tsx";

const isStale = ({ phase, silentMs, behindMs }: LinkState): boolean =>
  phase === "open" && (silentMs > staleAfterMs || behindMs > 0);

/** How the connection is. The header is no better than the worst that is shown below it. */
export const linkShown = (link: LinkState): QueueShown => {
  const { phase, silentMs, retryInMs, waits, behindMs } = link;
  if (isStale(link)) {
    const word = `Stale ${durationText(Math.max(silentMs, behindMs))}`;
    return { icon: TriangleAlert, word, tone: "inService" };
  }
  if (phase === "open" && waits) return { icon: RefreshCw, word: "Waiting", tone: "ended" };
  if (phase === "open") return { icon: Cloud, word: "Live", tone: "ready" };
  if (phase === "connecting") return { icon: RefreshCw, word: "Connecting", tone: "ended" };
  const rest = retryInMs >= 1_000 ? { rest: `in ${Math.ceil(retryInMs / 1_000)} s` } : {};
  return { icon: CloudOff, word: "Reconnecting", ...rest, tone: "missing" };
};

/** How this device stands with the record, always in sight: what it holds back, else how present the figures are. Leads to the queue. */
export const StatePill = () => {
  const link = useLinkState();
  const site = useSite();
  const heldSinceMs = useHeldSinceMs();
  const outbox = useOutbox();
  const queued = queueShown(outbox, link.phase === "open");
  // Scans that wait go on waiting and are counted in the queue; old figures that look new mislead now. Only what may be lost is worse.
  const queue = isStale(link) && outbox.storage !== "away" ? undefined : queued;
  // Standing still must not be forgotten, so it can be ended where it is seen.
  if (heldSinceMs !== undefined && queue === undefined) {
    return (
      <Button className="px-3!" onClick={() => setHeld(false)}>
        <Play aria-hidden="true" className="size-4 shrink-0" />
        <span className="max-sm:sr-only">Held still.</span> Go on
      </Button>
    );
  }
  const shown = queue ?? linkShown(link);
  return (
    <PlaceLink
      place={{ site: site.id, screen: "queue" }}
      className="hit group inline-flex shrink-0 items-center rounded-md"
    >
      <span
        className={`inline-flex min-h-8 min-w-0 items-center gap-2 rounded-md px-3 text-sm leading-4 font-semibold whitespace-nowrap group-hover:opacity-88 ${toneWash[shown.tone]}`}
      >
        <shown.icon aria-hidden="true" className="size-4 shrink-0" />
        <span className="tabular-nums">
          {shown.word}
          {shown.rest && <span className="max-sm:sr-only"> {shown.rest}</span>}
        </span>
      </span>
      <span className="sr-only">, see the queue of this device</span>
    </PlaceLink>
  );
};
