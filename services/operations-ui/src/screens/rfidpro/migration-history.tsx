import { type MigrationStep, migrationStepsMax } from "@tagwire/messages";
import { gateText, gateWords, stageWords } from "../../words/migration.ts";
import { instantText } from "../../words/time.ts";

type Props = { steps: readonly MigrationStep[]; timeZone: string };

/** The newest steps as the log of the site has them, the newest first. */
export const MigrationHistory = ({ steps, timeZone }: Props) =>
  steps.length === 0 ? (
    <p className="text-sm text-soft">The site has taken no step yet.</p>
  ) : (
    <div className="grid gap-1">
      <h3 className="text-sm font-semibold">Steps so far</h3>
      <ol aria-label="Steps so far" className="grid">
        {steps.map((step) => (
          <li
            key={`${step.epoch}:${step.pos}`}
            className="grid border-t border-line py-2 text-sm first:border-t-0"
          >
            <span className="font-semibold">
              {stageWords[step.from].word} → {stageWords[step.to].word}
              {step.forced && <span className="text-missing"> · though a gate was not met</span>}
            </span>
            <span className="text-soft">
              {instantText(step.at, timeZone)} · {step.by.person ?? step.by.device ?? "somebody"}
            </span>
            {step.why !== null && <span className="min-w-0 break-words">{step.why}</span>}
            {step.gates.length > 0 && (
              <span className="min-w-0 break-words text-soft tabular-nums">
                {step.gates
                  .map(
                    (gate) =>
                      `${gateWords[gate.name]}: ${gate.value === null ? "not measured" : gateText(gate, gate.value)}`,
                  )
                  .join(" · ")}
              </span>
            )}
          </li>
        ))}
      </ol>
      {steps.length >= migrationStepsMax && (
        <p className="text-sm text-soft">
          The newest {migrationStepsMax} steps; the log of the site has all of them.
        </p>
      )}
    </div>
  );
