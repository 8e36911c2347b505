import { CircleCheck, CircleDashed, LoaderCircle } from "lucide-react";
import { useEffect } from "react";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import type { Exercise, Step } from "./steps.ts";
import { useExercise } from "./use-exercise.ts";

type Props = { exercise: Exercise; onDone: () => void; onAgain: () => void };

/** An exercise, step by step: what to do, what should be seen, and whether it was. */
export const ExerciseSteps = ({ exercise, onDone, onAgain }: Props) => {
  const going = useExercise(useSite().id, exercise);
  const { isOver, wrong, heardDbm } = going;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once, when it is over
  useEffect(() => {
    if (isOver) onDone();
  }, [isOver]);
  return (
    <div className="grid gap-3 px-4 pt-2 pb-4 sm:px-5">
      <ol className="grid gap-2">
        {exercise.steps.map((step, index) => (
          <StepRow key={step.say} step={step} number={index + 1} going={going} />
        ))}
      </ol>
      {exercise.finds === true && <Loudness dbm={heardDbm} />}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
      {isOver && (
        <p role="status" className="flex flex-wrap items-center gap-3 font-semibold text-ready">
          <CircleCheck aria-hidden="true" className="size-5" />
          Done: everything was seen in the record.
          <Button onClick={onAgain}>Once more</Button>
        </p>
      )}
    </div>
  );
};

type Going = ReturnType<typeof useExercise>;

const StepRow = ({ step, number, going }: { step: Step; number: number; going: Going }) => {
  const { at, acted, tally, busy, act, isReady } = going;
  const isDone = number <= at;
  const isNow = number === at + 1;
  return (
    <li
      aria-current={isNow ? "step" : undefined}
      className={`flex gap-3 rounded-md px-3 py-2.5 ${isNow ? "bg-sunken" : isDone ? "" : "text-soft"}`}
    >
      <StepSign isDone={isDone} isWaiting={isNow && acted} />
      <div className="grid min-w-0 grow justify-items-start gap-1">
        <p className={isNow ? "font-semibold" : "font-medium"}>
          {number}. {step.say}
        </p>
        <p className="text-sm text-soft">{step.watch}</p>
        {isNow && !acted && (
          <Button kind="primary" disabled={busy || !isReady} onClick={() => void act()} className="mt-1">
            {busy ? "One moment…" : step.button}
          </Button>
        )}
        {isNow && tally !== undefined && (
          <p role="status" className="text-sm font-semibold tabular-nums">
            Seen {tally.have} of {tally.want}
          </p>
        )}
      </div>
    </li>
  );
};

const StepSign = ({ isDone, isWaiting }: { isDone: boolean; isWaiting: boolean }) => {
  if (isDone)
    return (
      <span className="text-ready">
        <CircleCheck aria-hidden="true" className="size-6" />
        <span className="sr-only">Done:</span>
      </span>
    );
  const Sign = isWaiting ? LoaderCircle : CircleDashed;
  return <Sign aria-hidden="true" className="size-6 shrink-0 text-soft" />;
};

/** What is quieter than this, or louder, fills the bar as much, in dBm. */
const [quietDbm, loudDbm] = [-75, -40] as const;

const Loudness = ({ dbm }: { dbm: number | undefined }) => (
  <div className="grid gap-1 px-3">
    <meter
      aria-label="How loud the tag is"
      min={quietDbm}
      max={loudDbm}
      value={dbm ?? quietDbm}
      className="h-4 w-full"
    />
    <p className="text-sm tabular-nums">{dbm === undefined ? "Nobody hears it." : `${dbm} dBm`}</p>
  </div>
);
