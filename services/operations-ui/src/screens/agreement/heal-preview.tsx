import type { Healing, HealingOutcome, RemedyPlan } from "@tagwire/messages";
import { Button } from "../../look/button.tsx";
import { countOf } from "../../words/time.ts";

const sideWords: Readonly<Record<string, string>> = { operations: "The record", manager: "The screens" };

/** What a press means, as it stands for whoever presses; nothing for whoever has to leave it to somebody else. */
const outcomeWords: Readonly<Record<HealingOutcome, { readonly says: string; readonly press?: string }>> = {
  healing: { says: "The next two audits prove whether it helped.", press: "Heal now" },
  proposed: {
    says: "It is critical: you propose this, and it is done when somebody else says so, too.",
    press: "Propose to heal",
  },
  refused: { says: "You have proposed this. Somebody else has to say so, too." },
};

type Props = {
  readonly healing: Healing;
  readonly busy: boolean;
  readonly onHeal: () => void;
  readonly onLeave: () => void;
};

/** What healing does, as the server has just said, and the second press, which means it. */
export const HealPreview = ({ healing: { outcome, plan }, busy, onHeal, onLeave }: Props) => {
  const { says, press } = outcomeWords[outcome];
  return (
    <section aria-label="Heal" className="grid gap-2 rounded-md bg-sunken p-3 text-sm">
      <Plan plan={plan} />
      <p>{says}</p>
      <div className="flex flex-wrap gap-2">
        {press !== undefined && (
          <Button kind="primary" disabled={busy} onClick={onHeal}>
            {press}
          </Button>
        )}
        <Button kind="quiet" onClick={onLeave}>
          Not now
        </Button>
      </div>
    </section>
  );
};

const Plan = ({ plan }: { plan: RemedyPlan }) => {
  switch (plan.remedy) {
    case "replay":
      return (
        <p>
          {countOf(plan.events, "event")} of the log {plan.events === 1 ? "is" : "are"} applied anew to what
          screens show of this site.{" "}
          {plan.isStaleMeanwhile &&
            "Its boards are behind meanwhile, for some seconds, or minutes at a large site. "}
          The record is not touched, and scanning goes on.
        </p>
      );
    case "recount":
      return (
        <>
          <p>
            The rows are counted anew, and are taken for right as they are. No row is changed. What the two
            sides do not agree about is a finding of its own.
          </p>
          <dl className="grid gap-1">
            <dt className="font-semibold">
              {sideWords[plan.side] ?? plan.side} kept of {plan.entity.replaceAll("_", " ")}, part{" "}
              {plan.bucket}
            </dt>
            <dd className="font-mono text-xs break-all">{plan.kept}</dd>
            <dt className="font-semibold">Its rows come to</dt>
            <dd className="font-mono text-xs break-all">{plan.counted}</dd>
          </dl>
        </>
      );
    case "edit":
      return (
        <>
          <p>
            An ordinary edit of <span className="font-mono font-semibold break-all">{plan.tag}</span> makes it
            again what its events say. It is an event itself, in the name of whoever heals.
          </p>
          <div className="overflow-x-auto">
            <table className="w-full text-left">
              <thead>
                <tr>
                  {["Field", "Is", "Becomes"].map((word) => (
                    <th key={word} scope="col" className="py-1 pr-4 font-semibold">
                      {word}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {plan.fields.map(({ field, is, becomes }) => (
                  <tr key={field} className="border-t border-line align-top">
                    <th scope="row" className="py-1 pr-4 font-medium">
                      {field}
                    </th>
                    <td className="py-1 pr-4 font-mono text-xs break-all">{is ?? "none"}</td>
                    <td className="py-1 font-mono text-xs break-all">{becomes ?? "none"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      );
  }
};
