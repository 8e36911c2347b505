import type { MigrationGate } from "@tagwire/messages";
import type { SiteMigration } from "../../api/migration.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { useSite } from "../../site-context.ts";
import { gateTarget, gateText, gateVerdict, gateWords, stageWords } from "../../words/migration.ts";
import { withSiteTimes } from "../../words/site-times.ts";
import { useMinute } from "../boards/site-time.ts";

type Props = { migration: SiteMigration; busy: boolean };

/** What the next step waits for, each with what was measured and what is wanted. */
export const MigrationGates = ({ migration: { gates, next }, busy }: Props) => {
  if (next === null) return null;
  if (gates.length === 0 && busy)
    return <p className="text-sm text-soft">Measuring what the next step waits for…</p>;
  if (gates.length === 0)
    return (
      <p className="text-sm font-semibold">
        Nobody measures the gates just now, so none is met: the service that compares with RFIDpro does not
        answer.
      </p>
    );
  return (
    <div className="grid gap-1">
      <h3 className="text-sm font-semibold">Before “{stageWords[next].word}”</h3>
      <ul aria-label="Gates" className="grid">
        {gates.map((gate) => (
          <Gate key={gate.name} gate={gate} />
        ))}
      </ul>
    </div>
  );
};

const Gate = ({ gate }: { gate: MigrationGate }) => {
  const { timeZone } = useSite();
  const now = useMinute();
  return (
    <li className="grid gap-x-3 gap-y-1 border-t border-line py-2 text-sm first:border-t-0 sm:grid-cols-[9rem_1fr]">
      <span>
        <Badge {...gateVerdict(gate)} />
      </span>
      <span className="grid min-w-0">
        <span className="font-semibold">
          {gateWords[gate.name]}
          {!gate.needed && <span className="font-normal text-soft"> · not needed for this step</span>}
        </span>
        <span className="tabular-nums">
          {gate.value === null ? "no value" : gateText(gate, gate.value)}, {gateTarget(gate)} wanted
          {gate.asOf !== null && (
            <span className="text-soft">
              {" "}
              · as of <Age at={gate.asOf} />
            </span>
          )}
        </span>
        {gate.why !== null && (
          <span className="min-w-0 break-words text-soft">{withSiteTimes(gate.why, timeZone, now)}</span>
        )}
      </span>
    </li>
  );
};
