import type { Reader } from "@tagwire/messages";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { actOnReader } from "../../api/training.ts";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { useStation } from "../../scan/station.ts";
import { useSite } from "../../site-context.ts";
import { readStored, store } from "../../stored.ts";
import { phaseWords } from "../../words/readers.ts";
import { countText } from "../../words/time.ts";
import { ExerciseSteps } from "./exercise-card.tsx";
import { exercises } from "./exercises.ts";
import { FieldPanel } from "./field-panel.tsx";
import { putEverythingBack } from "./put-back.ts";
import { furnish, insist, trainerId } from "./school.ts";
import { useDeed } from "./use-deed.ts";

/** A training site: its reader, the exercises, and what is put before the reader by hand. */
export const Practice = () => {
  const site = useSite();
  const readers = useView(site.id, "readers");
  const reader = readers.rows.get(trainerId) as unknown as Reader | undefined;
  return (
    <div className="grid items-start gap-3 p-3 sm:gap-4 sm:p-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid min-w-0 gap-3 sm:gap-4">
        <TrainerPanel reader={reader} fresh={useFreshness(readers)} />
        {/* Also while it stands still: whoever is in the midst of an exercise sees there why nothing happens. */}
        {reader !== undefined && <Exercises />}
      </div>
      {reader !== undefined && <FieldPanel />}
    </div>
  );
};

type TrainerProps = { reader: Reader | undefined; fresh: ReturnType<typeof useFreshness> };

const TrainerPanel = ({ reader, fresh }: TrainerProps) => {
  const { id: site } = useSite();
  const { outbox } = useStation();
  const { busy, wrong, run } = useDeed();
  const isReading = reader?.status === "inventory";
  return (
    <Panel
      title="Training reader"
      fresh={fresh}
      aside={reader !== undefined && <Badge {...phaseWords[reader.status]} />}
    >
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        <p className="text-sm text-soft">
          It hears what you put before it, as a real one would: some rounds are missed, strength varies.
          Stock, contracts and readers of this site are made up.
        </p>
        {reader === undefined && (
          <p className="text-sm">
            When it runs, {countText(exercises.length)} exercises stand here, each with its steps, beginning
            with “{exercises[0]?.title}”.
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          {!isReading && (
            <Button kind="primary" disabled={busy} onClick={() => void run(() => furnish(site))}>
              {busy ? "Setting up…" : "Start the training reader"}
            </Button>
          )}
          {isReading && (
            <Button disabled={busy} onClick={() => void run(() => putEverythingBack(site, outbox))}>
              Put everything back
            </Button>
          )}
          {isReading && (
            <Button
              disabled={busy}
              onClick={() => void run(() => insist(actOnReader(site, trainerId, "stop")))}
            >
              Stop the reader
            </Button>
          )}
        </div>
        {wrong !== undefined && (
          <p role="alert" className="text-sm font-semibold text-missing">
            {wrong}
          </p>
        )}
      </div>
    </Panel>
  );
};

const doneKey = (site: string): string => `tagwire.training.${site}`;
const readDone = (site: string): readonly string[] =>
  (readStored(doneKey(site)) ?? "").split(" ").filter((id) => id !== "");

/** The exercises, one of them open. What was done is remembered on this device: whoever learns here has it before them. */
const Exercises = () => {
  const { id: site } = useSite();
  const [open, setOpen] = useState<string>();
  const [run, setRun] = useState(0);
  const [done, setDone] = useState(() => readDone(site));
  const markDone = (id: string): void => {
    const all = [...new Set([...done, id])];
    store(doneKey(site), all.join(" "));
    setDone(all);
  };
  return (
    <Panel
      title="Exercises"
      aside={
        <span className="text-sm text-soft tabular-nums">
          {done.length} of {exercises.length} done
        </span>
      }
    >
      <ul className="grid gap-1 pb-2">
        {exercises.map((exercise) => (
          <li key={exercise.id} className="border-t border-line">
            <button
              type="button"
              aria-expanded={exercise.id === open}
              className="hit flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-raised sm:px-5"
              onClick={() => setOpen(exercise.id === open ? undefined : exercise.id)}
            >
              <span className="grid min-w-0 grow">
                <span className="font-semibold">{exercise.title}</span>
                <span className="text-sm text-soft">{exercise.why}</span>
              </span>
              {done.includes(exercise.id) && <Badge icon={CircleCheck} word="Done" tone="ready" />}
            </button>
            {exercise.id === open && (
              <ExerciseSteps
                key={run}
                exercise={exercise}
                onDone={() => markDone(exercise.id)}
                onAgain={() => setRun(run + 1)}
              />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
};
