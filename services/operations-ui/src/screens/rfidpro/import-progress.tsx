import type { RfidproImport } from "@tagwire/messages";
import { Age } from "../../look/age.tsx";
import { countText } from "../../words/time.ts";

const stateWords: Readonly<Record<RfidproImport["state"], string>> = {
  running: "Importing",
  done: "Imported",
  failed: "Ended early",
};

/** How far an import has come, and how it ended. */
export const ImportProgress = ({ progress }: { progress: RfidproImport }) => {
  const { state, why, by, startedAt, sent, total, recorded, replayed, refused, refusals } = progress;
  return (
    <section aria-label="The import" className="grid gap-2">
      <p role="status">
        <span className="font-semibold">{stateWords[state]}.</span>{" "}
        {why ?? "You may leave this page. Should it be cut off, it goes on by itself."}
      </p>
      {state === "running" && (
        <progress
          aria-label="Rows sent"
          className="h-2 w-full accent-primary"
          max={Math.max(1, total)}
          value={sent}
        />
      )}
      <p className="text-soft">
        {countText(sent)} of {countText(total)} rows sent, {countText(recorded)} recorded,{" "}
        {countText(replayed)} known already, {countText(refused)} refused · confirmed by {by}{" "}
        <Age at={startedAt} />
      </p>
      {refusals.length > 0 && (
        <details>
          <summary className="hit flex cursor-pointer items-center font-semibold">
            {refusals.length < refused
              ? "The first of what was refused, and why"
              : "What was refused, and why"}
          </summary>
          <ul className="font-mono text-xs break-all text-soft">
            {refusals.map((refusal) => (
              <li key={refusal}>{refusal}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};
