import type { LoggedEvent } from "@tagwire/messages";
import { useEffect, useMemo, useState } from "react";
import { useView } from "../../live/use-live.ts";
import { useStation } from "../../scan/station.ts";
import { createSchool } from "./school.ts";
import { type Exercise, type Made, nothingMade, type Tally } from "./steps.ts";
import { useDeed } from "./use-deed.ts";
import { useHeard } from "./use-heard.ts";

/** Where somebody is in an exercise: the steps before `at` are done, and of it the act is done or not. */
type Where = { readonly at: number; readonly acted: boolean; readonly made: Made; readonly sincePos: number };
const start: Where = { at: 0, acted: false, made: nothingMade, sincePos: 0 };

/**
 * One exercise as it goes on. A step is done when the site's own events say so; what the page has sent counts for nothing, so a reader that
 * is off, or a scan that is refused, is seen here as it is on the floor.
 */
export const useExercise = (site: string, { steps, finds }: Exercise) => {
  const { outbox } = useStation();
  const events = useView(site, "events");
  const [where, setWhere] = useState(start);
  const { busy, wrong, run } = useDeed();
  const heardDbm = useHeard(site, finds === true ? where.made.tags[0] : undefined);
  const { at, acted, made, sincePos } = where;
  const step = steps[at];

  const tally: Tally | undefined = useMemo(() => {
    if (step === undefined || !acted) return undefined;
    const all = [...events.rows.values()] as unknown as LoggedEvent[];
    const seen = { events: all.filter(({ pos }) => pos > sincePos), isHeard: heardDbm !== undefined };
    return step.tally(seen, made);
  }, [events, sincePos, step, acted, made, heardDbm]);

  const isDone = tally !== undefined && tally.want > 0 && tally.have >= tally.want;
  useEffect(() => {
    if (isDone) setWhere((before) => ({ ...before, at: before.at + 1, acted: false }));
  }, [isDone]);

  const act = async (): Promise<void> => {
    if (step === undefined || !events.whole) return;
    // What was before the exercise is no proof of anything in it.
    const since = at === 0 ? events.pos : sincePos;
    await run(async () => {
      const school = createSchool(site, outbox);
      // What lies there from before would be heard into it.
      if (at === 0) await school.take();
      const more = await step.act(school, made);
      setWhere(({ made: before }) => ({ at, acted: true, sincePos: since, made: { ...before, ...more } }));
    });
  };
  return { at, acted, tally, busy, wrong, heardDbm, act, isReady: events.whole, isOver: step === undefined };
};
