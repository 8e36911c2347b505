import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { useSite } from "../../site-context.ts";
import type { Candidate } from "../look-up/candidates.ts";
import { findCandidates } from "../look-up/find-candidates.ts";
import { useFound } from "../look-up/use-found.ts";
import { meantOf, tagsIn } from "./sought.ts";

/** So long it is asked what a name means; without an answer it is looked for as a tag. */
const askTimeoutMs = 3_000;

const thingsAmong = (candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.filter(({ key }) => key.startsWith("item "));

/** What can be looked for: tags as they are typed or pasted, and things by whatever is written of them. */
export const AddTags = ({ onAdd }: { onAdd: (tags: readonly string[]) => void }) => {
  const site = useSite();
  const [text, setText] = useState("");
  const { candidates, isLooking } = useFound(site.id, text);
  const [isUnclear, setUnclear] = useState(false);
  const items = text.trim() === "" ? [] : thingsAmong(candidates);
  const add = (tags: readonly string[]): void => {
    setText("");
    onAdd(tags);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const [typed = "", ...others] = tagsIn(text);
    if (others.length > 0) return add([typed, ...others]);
    // Who presses Enter at once has not been told yet what is called so.
    const found = await findCandidates(site.id, text.trim(), AbortSignal.timeout(askTimeoutMs));
    const tag = meantOf(
      typed,
      thingsAmong(found.candidates).map(({ word }) => word),
    );
    if (tag === undefined) setUnclear(true);
    else add([tag]);
  };
  return (
    <form aria-label="What to look for" className="grid gap-2" noValidate onSubmit={submit}>
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <TextField
            label="Scan, paste or type a tag or a name"
            hint="While this screen is open a scan is looked for, and nothing is recorded."
            className="hit-large"
            value={text}
            onChange={(event) => {
              setUnclear(false);
              setText(event.target.value);
            }}
            onPaste={(event) => {
              const tags = tagsIn(event.clipboardData.getData("text/plain"));
              if (tags.length < 2) return;
              event.preventDefault();
              add(tags);
            }}
          />
        </div>
        <Button type="submit" kind="primary" className="hit-large mt-6" disabled={tagsIn(text).length === 0}>
          <Plus aria-hidden="true" className="size-5 shrink-0" />
          Add
        </Button>
      </div>
      {items.length > 0 && (
        <ul aria-label="Things of that name" className="grid gap-1">
          {items.map(({ key, word, note }) => (
            <li key={key}>
              <button
                type="button"
                className="hit-large flex w-full flex-wrap items-center gap-x-3 rounded-md border border-line px-3 text-left text-sm hover:bg-raised"
                onClick={() => add([word])}
              >
                <Plus aria-hidden="true" className="size-5 shrink-0" />
                <span className="font-mono font-semibold break-all">{word}</span>
                <span className="text-soft">{note}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" className="text-sm text-soft empty:hidden">
        {isLooking
          ? "Looking…"
          : isUnclear
            ? "Several things are called that. Choose one, or type more of it."
            : ""}
      </p>
    </form>
  );
};
