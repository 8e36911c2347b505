import type { Receipt, Scan } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import type { Command } from "../outbox/command.ts";
import { findCommands } from "../outbox/database.ts";
import { alone } from "../outbox/neighbours.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { scanOfAct } from "./acts.ts";
import { perform, performUndo } from "./perform.ts";
import { answered, chosen, isSettled, type Told, undoing } from "./progress.ts";
import type { LaneAct, LaneWork } from "./work.ts";

/** What the record did not answer is asked again so long after, in ms. */
const againAfterMs = 3_000;
/** What was done stays in the lane with its undo: so many, and no longer than a shift, in ms. */
const settledKeptMax = 30;
const settledKeptMs = 12 * 60 * 60_000;

type World = {
  readonly outbox: Outbox;
  /** Who is signed in: what somebody chose is done under no other name. */
  person(): string | undefined;
  isReached(): boolean;
  /** A scan that a press makes, at the server's time. */
  record(site: string, make: (identity: Pick<Scan, "id" | "scannedAt">) => Scan, id: string): void;
};

/**
 * Does at the record what people choose about odd scans: one thing after the other, by one page of this browser at a time, again after a
 * loss of the network. What was chosen is stored before it is done.
 */
export const keepLane = ({ outbox, person, isReached, record }: World) => {
  let isAtWork = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const inLane = (): readonly Command[] => [...outbox.get().attention, ...outbox.get().odd];
  const newest = (id: string): Command | undefined => inLane().find((command) => command.id === id);

  /** The answer to a scan that a press made. */
  const tellOfScan = (id: string, receipt: Receipt): Promise<void> | undefined => {
    const command = inLane().find(({ lane }) => lane?.state === "chosen" && lane.id === id);
    if (command?.lane === undefined) return undefined;
    // Refused, it is a scan in the lane itself: this one is done with all the same.
    const at = receipt.outcome === "rejected" ? undefined : receipt.event?.pos;
    const told: Told = at === undefined ? { kind: "done" } : { kind: "done", pos: at };
    return outbox.keepLane([answered(command, command.lane, told)]);
  };

  const forget = (commands: readonly Command[]): Promise<void> =>
    outbox.keepLane(commands.map((command) => ({ ...command, state: "done" })));

  const forgetOld = async (): Promise<void> => {
    const settled = outbox.get().odd.filter(isSettled);
    const since = Date.now() - settledKeptMs;
    const old = settled
      .toSorted((one, other) => (other.lane?.atMs ?? 0) - (one.lane?.atMs ?? 0))
      .filter(({ lane }, index) => index >= settledKeptMax || (lane?.atMs ?? 0) < since);
    if (old.length > 0) await forget(old);
  };

  const doOne = async (command: Command, work: LaneWork): Promise<boolean> => {
    if (work.state === "chosen" && work.act.how === "scan") {
      const [scan] = (await outbox.ask((database) => findCommands(database, [work.id]))) ?? [];
      if (scan?.receipt !== undefined) await tellOfScan(work.id, scan.receipt);
      // Its own way brings it to the record; nobody waits for it here.
      return true;
    }
    if (!isReached()) return false;
    const told = await (work.state === "undoing" ? performUndo : perform)(command, work);
    if (told.kind === "later") return false;
    await outbox.keepLane([answered(newest(command.id) ?? command, work, told)]);
    return true;
  };

  const doAll = async (): Promise<boolean> => {
    const tried = new Set<string>();
    for (;;) {
      const next = inLane().find(
        ({ lane }) =>
          (lane?.state === "chosen" || lane?.state === "undoing") &&
          lane.by === person() &&
          !tried.has(`${lane.id} ${lane.state}`),
      );
      if (next?.lane === undefined) return true;
      tried.add(`${next.lane.id} ${next.lane.state}`);
      if (!(await doOne(next, next.lane))) return false;
    }
  };

  /** Goes on with whatever was chosen and is not done. */
  const goOn = (): void => {
    if (isAtWork || person() === undefined) return;
    isAtWork = true;
    void alone(doAll, "lane").then(async (isThrough) => {
      isAtWork = false;
      clearTimeout(timer);
      if (isThrough !== true) timer = setTimeout(goOn, againAfterMs);
      else await forgetOld();
    });
  };

  return {
    goOn,
    tellOfScan,
    /** Somebody pressed: of one scan, or of several that are odd in the same way. */
    choose: async (
      commands: readonly Command[],
      actOf: (command: Command) => LaneAct | undefined,
    ): Promise<void> => {
      const by = person();
      if (by === undefined) return;
      const made = commands.flatMap((command) => {
        const act = actOf(command);
        if (act === undefined) return [];
        const id = uuidv7();
        if (act.how === "scan")
          record(command.site, (identity) => scanOfAct(command, act.differs, identity), id);
        return [chosen(command, act, { id, by, atMs: Date.now() })];
      });
      await outbox.keepLane(made);
      goOn();
    },
    /** Somebody takes back what was done. */
    undo: async (command: Command): Promise<void> => {
      // A scan of a tag that was let go waits anew: it is made again, and stands in the lane for the one before.
      if (command.lane?.act.how === "let_go" && command.lane.state === "done") {
        record(command.site, (identity) => scanOfAct(command, {}, identity), uuidv7());
        return forget([command]);
      }
      await outbox.keepLane([undoing(command, uuidv7())]);
      goOn();
    },
    /** What was done is no longer shown. */
    forget,
  };
};
