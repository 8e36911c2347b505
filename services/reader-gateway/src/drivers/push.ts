import { isTooDeep, type PushedEvents } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "./driver.ts";
import { inTurns, portionMax } from "./in-turns.ts";
import { type Desk, type HeardEvent, openDesk } from "./json/desk.ts";
import type { Inbox, Unreadable } from "./json/inbox.ts";
import type { EventReading } from "./json/told.ts";
import { untilAborted } from "./until-aborted.ts";

type Brought = {
  readonly host: DriverHost;
  readonly desk: Desk;
  readonly events: readonly unknown[];
  readonly unreadable: Unreadable | undefined;
};

/** Hears what was brought, with turns for the other readers in between. */
const hearAll = function* ({ host, desk, events, unreadable }: Brought): Generator<void, PushedEvents> {
  if (unreadable !== undefined) host.malformed(unreadable.reason, Buffer.from(unreadable.start));
  const readable: HeardEvent[] = [];
  for (const [index, event] of events.entries()) {
    // Thrown out of here, one such event would come again for ever and keep back all behind it.
    if (!isTooDeep(event)) readable.push({ event, text: JSON.stringify(event) });
    if ((index + 1) % portionMax === 0) yield;
  }
  const tooDeep = events.length - readable.length;
  if (tooDeep > 0) host.malformed(`${tooDeep} events nest too deep`, new Uint8Array());
  const became = yield* desk(readable);
  return { ...became, malformed: became.malformed + tooDeep + (unreadable === undefined ? 0 : 1) };
};

/**
 * A reader that brings its events by itself: it is heard from the start, and until the abort. Nothing of it is set from here, and its
 * silence is no fault: nobody knows how often it has something to say.
 */
export const hearAtDesk = async (
  { host, inbox, desk }: { host: DriverHost; inbox: Inbox; desk: Desk },
  signal: AbortSignal,
): Promise<void> => {
  host.phase("connecting");
  const end = inbox.listen((events, unreadable) =>
    inTurns(hearAll({ host, desk, events, unreadable }), () => signal.aborted),
  );
  try {
    host.phase("inventory");
    await untilAborted(new Promise(() => {}), signal);
  } finally {
    end();
  }
};

/** The same, of a family whose events are read one by one. */
export const hearPushes = (
  pushed: { settings: DriverSettings; inbox: Inbox; host: DriverHost; reading: EventReading },
  signal: AbortSignal,
): Promise<void> => hearAtDesk({ ...pushed, desk: openDesk(pushed) }, signal);
