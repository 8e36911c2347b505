import type { DriverHost, DriverSettings } from "./driver.ts";
import { type Desk, openDesk } from "./json/desk.ts";
import type { Inbox } from "./json/inbox.ts";
import { isTooDeep } from "./json/object.ts";
import type { EventReading } from "./json/told.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * A reader that brings its events by itself: it is heard from the start, and until the abort. Nothing of it is set from here, and its
 * silence is no fault: nobody knows how often it has something to say.
 */
export const hearAtDesk = async (
  { host, inbox, desk }: { host: DriverHost; inbox: Inbox; desk: Desk },
  signal: AbortSignal,
): Promise<void> => {
  host.phase("connecting");
  const end = inbox.listen((events, unreadable) => {
    if (unreadable !== undefined) host.malformed(unreadable.reason, Buffer.from(unreadable.start));
    // Thrown out of here, one such event would come again for ever and keep back all behind it.
    const readable = events.filter((event) => !isTooDeep(event));
    const tooDeep = events.length - readable.length;
    if (tooDeep > 0) host.malformed(`${tooDeep} events nest too deep`, new Uint8Array());
    const became = desk(readable.map((event) => ({ event, text: JSON.stringify(event) })));
    return { ...became, malformed: became.malformed + tooDeep + (unreadable === undefined ? 0 : 1) };
  });
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
