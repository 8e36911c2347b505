import type { RfidproDifferenceClass, RfidproDifferenceState } from "@tagwire/messages";
import { useState } from "react";
import { type DifferencesFilter, differencesFile } from "../../api/rfidpro-differences.ts";
import { Button, buttonClass } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { differenceClassWords } from "../../words/rfidpro-differences.ts";
import { countOf } from "../../words/time.ts";
import { DifferenceRow } from "./difference-row.tsx";
import { ReportLinks } from "./report-links.tsx";
import { useDifferences } from "./use-differences.ts";
import { useNewestRun } from "./use-newest-run.ts";

const choices = {
  open: { word: "To be settled", states: ["open", "acknowledged"] },
  pending: { word: "The next pull decides", states: ["pending"] },
  over: { word: "Settled", states: ["resolved", "false_positive", "gone"] },
} as const satisfies Record<string, { word: string; states: readonly RfidproDifferenceState[] }>;
type Choice = keyof typeof choices;

const noneWords: Record<Choice, string> = {
  open: "Nothing waits to be settled. What was changing while it was compared stands under “The next pull decides”.",
  pending: "There are none.",
  over: "There are none.",
};

/** In what RFIDpro and our record differ, for somebody to settle. */
export const DifferencesPanel = () => {
  const site = useSite();
  const [choice, setChoice] = useState<Choice>("open");
  const [name, setName] = useState<RfidproDifferenceClass | "">("");
  const [q, setQ] = useState("");
  const run = useNewestRun(({ differences }) => differences !== null);
  const filter: DifferencesFilter = {
    ...{ class: name === "" ? undefined : name, states: choices[choice].states, q },
  };
  const { rows, wrong, more, look } = useDifferences(site.id, filter, run?.id ?? "");
  return (
    <Panel title="Differences" aside={run !== undefined && <ReportLinks run={run} />}>
      <div className="grid gap-3 px-4 pb-3 sm:grid-cols-3 sm:px-5">
        <SelectField
          label="Which"
          value={choice}
          onChange={(event) => setChoice(event.target.value as Choice)}
        >
          {Object.entries(choices).map(([of, { word }]) => (
            <option key={of} value={of}>
              {word}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Of what kind"
          value={name}
          onChange={(event) => setName(event.target.value as RfidproDifferenceClass | "")}
        >
          <option value="">All</option>
          {Object.entries(differenceClassWords).map(([of, word]) => (
            <option key={of} value={of}>
              {word}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Tag or class"
          value={q}
          maxLength={200}
          onChange={(event) => setQ(event.target.value)}
        />
      </div>
      <p className="flex flex-wrap items-center gap-2 px-4 pb-3 text-sm sm:px-5">
        All of them as a file:
        {["csv", "xlsx", "ndjson"].map((format) => (
          <a
            key={format}
            className={buttonClass("quiet")}
            href={differencesFile(site.id, filter, format)}
            download
          >
            {format.toUpperCase()}
          </a>
        ))}
      </p>
      {rows !== undefined && rows.length > 0 && (
        <p className="px-4 pb-3 text-sm text-soft tabular-nums sm:px-5">
          {more === undefined
            ? countOf(rows.length, "difference")
            : `The first ${countOf(rows.length, "difference")}`}
          .
          {rows.length > 1 &&
            " The pull above counts items and scans that differ, each once. Here each thing in which one differs is a line, and a class differs in its quantity, so that there can be more of them."}
        </p>
      )}
      {rows === undefined || rows.length === 0 ? (
        <Waiting>
          {wrong ??
            (rows === undefined
              ? "Asking for the differences…"
              : run === undefined && choice === "open"
                ? "Nothing was compared lately. Pull RFIDpro with “Compare with our record”, and what differs stands here."
                : noneWords[choice])}
        </Waiting>
      ) : (
        <ul>
          {rows.map((difference) => (
            <DifferenceRow key={difference.id} difference={difference} onDone={look} />
          ))}
        </ul>
      )}
      {more !== undefined && (
        <div className="px-4 py-3 sm:px-5">
          <Button onClick={more}>Show more</Button>
        </div>
      )}
    </Panel>
  );
};
