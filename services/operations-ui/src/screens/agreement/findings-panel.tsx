import type { FindingRow } from "@tagwire/messages";
import { useState } from "react";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { SelectField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { findingStateWords, findingWord, severityWords } from "../../words/findings.ts";
import { countOf } from "../../words/time.ts";
import { PlaceLink } from "../place-link.tsx";

const choices = {
  open: { word: "To be settled", has: ["open", "acknowledged", "in_review"] },
  suspect: { word: "Suspected", has: ["suspect"] },
  over: { word: "Settled", has: ["resolved", "closed", "auto_healed", "superseded"] },
} as const satisfies Record<string, { word: string; has: readonly FindingRow["state"][] }>;
type Choice = keyof typeof choices;
const choiceNames = Object.keys(choices) as Choice[];

const severityOrder = ["critical", "high", "medium"];
const shownMax = 200;

/** The most severe first, then those that have been there longest. */
const byWeight = (left: FindingRow, right: FindingRow): number =>
  severityOrder.indexOf(left.severity) - severityOrder.indexOf(right.severity) ||
  (left.firstSeenAt < right.firstSeenAt ? -1 : 1);

/* The audit above may have found something that only the next one can make certain: both are true at once, and have to be said together. */
const nothingOpenWords = (suspected: number): string =>
  suspected === 0
    ? "Nothing waits to be settled."
    : `Nothing waits to be settled. ${countOf(suspected, "finding")} ${suspected === 1 ? "is" : "are"} suspected, and to be settled if the next audit sees the same.`;

/** What audits have found, live. */
export const FindingsPanel = () => {
  const site = useSite();
  const snapshot = useView(site.id, "findings");
  const fresh = useFreshness(snapshot);
  const [choice, setChoice] = useState<Choice>("open");
  const all = [...snapshot.rows.values()] as unknown as FindingRow[];
  const rowsOf = (of: Choice): FindingRow[] => {
    const states: readonly string[] = choices[of].has;
    return all.filter(({ state }) => states.includes(state));
  };
  const rows = rowsOf(choice).sort(byWeight);
  return (
    <Panel
      title="Findings"
      fresh={fresh}
      aside={
        <SelectField
          label="Which findings"
          hideLabel
          value={choice}
          onChange={(event) => setChoice(event.target.value as Choice)}
        >
          {choiceNames.map((name) => (
            <option key={name} value={name}>
              {choices[name].word} ({rowsOf(name).length})
            </option>
          ))}
        </SelectField>
      }
    >
      {rows.length === 0 ? (
        <Waiting>
          {snapshot.whole
            ? choice === "open"
              ? nothingOpenWords(rowsOf("suspect").length)
              : "There is none."
            : (snapshot.fault?.message ?? "Asking for the findings…")}
        </Waiting>
      ) : (
        <ul className="pb-2">
          {rows.slice(0, shownMax).map((row) => (
            <FindingLine key={row.id} row={row} />
          ))}
        </ul>
      )}
      {rows.length > shownMax && (
        <p className="px-4 pb-3 text-sm text-soft sm:px-5">
          The first {shownMax} of {rows.length} are shown.
        </p>
      )}
    </Panel>
  );
};

const FindingLine = ({ row }: { row: FindingRow }) => {
  const place = {
    site: useSite().id,
    screen: "agreement",
    query: new URLSearchParams({ finding: row.id }),
  } as const;
  return (
    <li className="border-t border-line first:border-t-0">
      <PlaceLink
        place={place}
        className="hit flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm hover:bg-raised sm:px-5"
      >
        <Badge {...findingStateWords[row.state]} />
        <span className="font-semibold">{findingWord(row.code)}</span>
        <span className="min-w-0 font-mono text-xs break-all">{row.about}</span>
        <span className="text-soft">
          {severityWords[row.severity]} · since <Age at={row.firstSeenAt} />
          {row.owner !== null && ` · ${row.owner}`}
        </span>
      </PlaceLink>
    </li>
  );
};
