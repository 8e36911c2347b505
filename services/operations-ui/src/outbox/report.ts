import type { DeviceReport } from "@tagwire/messages";
import { sendReport } from "../api/device-reports.ts";
import { type Command, isUnanswered } from "./command.ts";
import { headSeqOf, listCommands, nameNextLife } from "./database.ts";
import type { Outbox } from "./outbox.ts";
import { persistence } from "./persistence.ts";

/** A device says how its queue is so often, in ms, and a moment after it has changed. */
const reportEveryMs = 60_000;
const reportAfterMs = 2_000;
const discardsToldMax = 200;

const iso = (atMs: number): string => new Date(atMs).toISOString();

const discardsOf = (commands: readonly Command[]): DeviceReport["discarded"] =>
  commands
    .slice(-discardsToldMax)
    .flatMap(({ seq, payload, discarded }) =>
      seq === null || discarded === undefined
        ? []
        : [{ seq, tag: payload.tag, reason: discarded.reason, at: iso(discarded.atMs) }],
    );

/** What this device has to say of its queue at a site; undefined while it does not know. */
export const reportOf = (outbox: Outbox, site: string): Promise<DeviceReport | undefined> =>
  outbox.ask(async (database, { deviceId: id, incarnation }) => {
    const [headSeq, ...lists] = await Promise.all([
      headSeqOf(database, site),
      ...(["queued", "attention", "discarded"] as const).map((state) => listCommands(database, state)),
    ]);
    const [queued = [], attention = [], discarded = []] = lists.map((list) =>
      list.filter((command) => command.site === site && command.incarnation === incarnation),
    );
    const unanswered = [...queued, ...attention.filter(isUnanswered)];
    const oldest = unanswered.reduce((first, { capturedAtMs }) => Math.min(first, capturedAtMs), Infinity);
    return {
      device: { id, incarnation },
      ...{ headSeq, queued: unanswered.length, attention: attention.length, storage: persistence() },
      ...(unanswered.length === 0 ? {} : { oldestAt: iso(oldest) }),
      discarded: discardsOf(discarded) ?? [],
    };
  });

/** Tells the server how the queue of this device at a site is, from time to time, until it is stopped. */
export const startReports = (outbox: Outbox, site: string): (() => void) => {
  let said = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = async (): Promise<void> => {
    const report = await reportOf(outbox, site);
    const answer = report === undefined ? undefined : await sendReport(site, report);
    if (answer?.kind === "ok") nameNextLife(answer.value.device);
  };
  const soon = (): void => {
    const { waiting, attention } = outbox.get();
    const now = `${waiting === 0} ${attention.length}`;
    if (now === said || timer !== undefined) return;
    said = now;
    timer = setTimeout(() => {
      timer = undefined;
      void tell();
    }, reportAfterMs);
  };
  void tell();
  const beat = setInterval(() => void tell(), reportEveryMs);
  const leave = outbox.subscribe(soon);
  return () => {
    leave();
    clearInterval(beat);
    clearTimeout(timer);
  };
};
