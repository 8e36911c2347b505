import type { MigrationStage } from "@tagwire/messages";
import { Check } from "lucide-react";
import { stageWords } from "../../words/migration.ts";

const stages = Object.keys(stageWords) as MigrationStage[];

/** The three stages in a row, those that are behind ticked off, the one where the site stands marked. */
export const MigrationSteps = ({ stage }: { stage: MigrationStage }) => {
  const at = stages.indexOf(stage);
  return (
    <ol aria-label="Stages" className="grid gap-2 sm:grid-cols-3">
      {stages.map((one, index) => (
        <li
          key={one}
          aria-current={one === stage ? "step" : undefined}
          className="flex items-center gap-2 border-t-4 border-line pt-2 text-sm font-semibold text-soft data-[done=true]:border-ready aria-[current=step]:border-accent aria-[current=step]:text-ink"
          data-done={index < at}
        >
          <span className="tabular-nums">
            {index < at ? <Check aria-hidden="true" className="size-4" /> : index + 1}
          </span>
          {stageWords[one].word}
          {index < at && <span className="sr-only">, done</span>}
        </li>
      ))}
    </ol>
  );
};
