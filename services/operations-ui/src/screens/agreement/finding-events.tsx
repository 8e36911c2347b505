import type { Evidence, ItemChange, LoggedEvent } from "@tagwire/messages";
import { Age } from "../../look/age.tsx";
import { Panel } from "../../look/panel.tsx";
import { byText } from "../../words/by.ts";
import { eventShown } from "../../words/events.ts";
import { evidenceText } from "../../words/evidence.ts";
import { clockText } from "../../words/readers.ts";

/** The newest events of what a finding is about: who caused them, what a reader heard, by which clock, and in which trace. */
export const FindingEvents = ({ evidence: { events, clocks = {} } }: { evidence: Evidence }) => {
  if (events === undefined || events.length === 0) return null;
  return (
    <Panel title="Its newest events">
      <ol className="px-4 pb-3 sm:px-5">
        {(events as unknown as readonly LoggedEvent[]).map((event) => (
          <Happened key={`${event.epoch}:${event.pos}`} event={event} clocks={clocks} />
        ))}
      </ol>
    </Panel>
  );
};

const Happened = ({ event, clocks }: { event: LoggedEvent; clocks: NonNullable<Evidence["clocks"]> }) => {
  const { type, epoch, pos, recordedAt, by, traceId, data } = event;
  const heard = evidenceText((data as Partial<ItemChange>).scan ?? {});
  const clock = by.device === undefined ? undefined : clocks[by.device];
  return (
    <li className="border-t border-line py-2 text-sm first:border-t-0">
      <p className="font-semibold">
        {eventShown(type).word}{" "}
        <span className="font-normal text-soft">
          by {byText(by)}, <Age at={recordedAt} />
        </span>
      </p>
      {heard !== undefined && <p>{heard}</p>}
      <p className="text-xs break-all text-soft">
        position {epoch}:{pos} · trace <span className="font-mono">{traceId}</span>
        {typeof clock === "number" && ` · its clock is ${clockText(clock)}`}
      </p>
    </li>
  );
};
