import type { LoggedEvent, SessionFinding, SessionRow } from "@tagwire/messages";
import { useCallback, useMemo, useState } from "react";
import { fetchSessionTags, sessionTagsShownMax } from "../../api/sessions.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { AsOf } from "../../look/as-of.tsx";
import { Button } from "../../look/button.tsx";
import { SelectField } from "../../look/field.tsx";
import { useLostFocus } from "../../look/use-lost-focus.ts";
import { close as closeSession } from "../../scan/declare.ts";
import { useStation, useStationState } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import {
  arrivalText,
  findingWords,
  noTagsText,
  scanTypeOf,
  sessionFindings,
  sessionText,
  workersText,
} from "../../words/sessions.ts";
import { countOf, countText } from "../../words/time.ts";
import { useReading } from "../laundry/use-reading.ts";
import { TakeBack } from "../undo/take-back.tsx";
import { EventLine } from "./event-line.tsx";
import { useItemClasses } from "./item-classes.ts";
import { TagLink } from "./tag-link.tsx";

/** Scans that are shown as they come in. */
const scansShown = 40;

/** One session: what is scanned into it at this moment, by whomever, and what is missing. */
export const SessionScans = ({ session }: { session: SessionRow }) => {
  const site = useSite();
  const classOf = useItemClasses();
  const { id } = session;
  const isOpen = session.state === "open";
  const filter = useMemo(() => ({ session: id }), [id]);
  const snapshot = useView(site.id, "events", filter);
  const fresh = useFreshness(snapshot);
  const scans = useMemo(
    () =>
      ([...snapshot.rows.values()] as unknown as LoggedEvent[])
        .filter(({ tag }) => tag !== undefined)
        .slice(-scansShown)
        .reverse(),
    [snapshot],
  );
  const place = useLostFocus<HTMLElement>(isOpen);
  return (
    <section
      ref={place}
      tabIndex={-1}
      aria-label={sessionText(session)}
      className="mx-4 mb-3 grid gap-3 rounded-md bg-sunken p-3 outline-none sm:mx-5"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="font-semibold">{sessionText(session)}</h3>
        <AsOf fresh={fresh} />
        <Doings session={session} />
      </header>
      <p className="text-sm text-soft">
        {isOpen
          ? `At work: ${workersText(session) ?? "nobody yet"}`
          : `Closed. Scanned by: ${workersText(session) ?? "nobody"}`}
      </p>
      {session.state === "closed" && <p className="text-sm text-soft">{arrivalText(session)}</p>}
      <p className="text-sm tabular-nums">
        {countText(session.found)} of {countText(session.expected)} found · {countText(session.missing)}{" "}
        missing · {countText(session.unexpected)} unexpected · {countText(session.unknown)} unknown ·{" "}
        {countText(session.rejected)} refused
      </p>
      <TakeBack what={{ session: id }} label={`Take back what ${sessionText(session)} did`} />
      <div className="grid gap-4 lg:grid-cols-2">
        <div className="min-w-0">
          <h4 className="pb-1 text-sm font-semibold text-soft">{isOpen ? "Coming in" : "What came in"}</h4>
          {scans.length === 0 && <p className="text-sm text-soft">Nothing was scanned lately.</p>}
          <ol>
            {scans.map((event) => (
              <EventLine
                key={`${event.epoch}:${event.pos}`}
                event={event}
                itemClass={classOf(event.tag ?? "")}
              />
            ))}
          </ol>
        </div>
        <Findings session={session} news={`${snapshot.snapshots}:${scans[0]?.pos ?? 0}:${session.version}`} />
      </div>
    </section>
  );
};

/** Whoever stands there joins in, or ends it. */
const Doings = ({ session: { id, mode, state } }: { session: SessionRow }) => {
  const site = useSite();
  const station = useStation();
  const { settings } = useStationState();
  const [fault, setFault] = useState<string>();
  if (state !== "open") return null;
  const isJoined = settings.session?.id === id;
  const join = (): void => {
    const type = mode === null ? undefined : scanTypeOf[mode];
    station.change({ session: { site: site.id, id }, ...(type === undefined ? {} : { type }) });
  };
  const close = async (): Promise<void> => {
    // A session is complete with its last scan, and those that wait here are no part of it yet.
    const waiting = station.outbox.waitingInto(id);
    if (waiting > 0) {
      setFault(`${countOf(waiting, "scan")} of it still on this device. See the queue, then close it.`);
      return;
    }
    const answer = await closeSession(station.outbox, { site: site.id, session: id });
    if (answer.kind === "ok" && isJoined) station.change({ session: null });
    setFault(answer.kind === "refused" ? answer.refusal.message : undefined);
  };
  return (
    <div className="ml-auto flex flex-wrap items-center gap-2">
      {fault !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {fault}
        </p>
      )}
      <Button aria-pressed={isJoined} onClick={() => (isJoined ? station.change({ session: null }) : join())}>
        {isJoined ? "Stop scanning into it" : "Scan into it"}
      </Button>
      <Button onClick={() => void close()}>Close session</Button>
    </div>
  );
};

/** The tags of which one thing is so, read again whenever something was scanned. */
const Findings = ({ session, news }: { session: SessionRow; news: string }) => {
  const site = useSite();
  const classOf = useItemClasses();
  const { id } = session;
  const [finding, setFinding] = useState<SessionFinding>("missing");
  const read = useCallback(
    (signal: AbortSignal) => fetchSessionTags(site.id, { id, finding }, signal),
    [site.id, id, finding],
  );
  const { value, refusal } = useReading(read, news);
  return (
    <div className="min-w-0">
      <SelectField
        label="Tags that are"
        value={finding}
        onChange={(event) => {
          const chosen = sessionFindings.find((one) => one === event.target.value);
          if (chosen !== undefined) setFinding(chosen);
        }}
      >
        {sessionFindings.map((one) => (
          <option key={one} value={one}>
            {findingWords[one]}
          </option>
        ))}
      </SelectField>
      {refusal !== undefined && <p className="py-2 text-sm font-semibold text-missing">{refusal.message}</p>}
      {value?.data.length === 0 && <p className="py-2 text-sm text-soft">{noTagsText(session, finding)}</p>}
      <ul className="grid gap-1 py-2 text-sm">
        {value?.data.map(({ tag, class: seenClass }) => (
          <li key={tag} className="flex min-w-0 items-center gap-2">
            <TagLink tag={tag} />
            {/* What is missing was not seen, so the session itself cannot say what it is. */}
            <span className="min-w-0 truncate text-soft">{seenClass ?? classOf(tag)}</span>
          </li>
        ))}
      </ul>
      {value?.nextCursor != null && (
        <p className="text-sm text-soft">
          The first {countText(sessionTagsShownMax)}. The file has all of them.
        </p>
      )}
    </div>
  );
};
