import { Dialog } from "@base-ui/react/dialog";
import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { go } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import type { Candidate } from "./candidates.ts";
import { closeLookUp, useOpened } from "./opened.ts";
import { useFound } from "./use-found.ts";

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Types or scans whatever a thing is called, and goes there: a tag, an EPC URI, a Digital Link, a contract, a class, a screen. */
export const LookUp = () => {
  const site = useSite();
  const { heard } = useOpened();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [isDecided, setDecided] = useState(false);
  const [taken, setTaken] = useState<string>();
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const { candidates, wrong, isLooking } = useFound(site.id, text);

  const type = (next: string): void => {
    setText(next);
    setActive(0);
    setDecided(false);
  };
  // A scanner says all of it at once, and nobody reads a list while scanning.
  if (heard !== undefined && heard !== taken) {
    setTaken(heard);
    type(heard);
    setDecided(true);
  }

  const first = candidates[Math.min(active, candidates.length - 1)];
  const take = (candidate: Candidate): void => {
    closeLookUp();
    go(candidate.place);
  };
  // Whoever pressed Enter before the answer was there meant what it would be.
  const mayGo = isDecided && !isLooking;
  useEffect(() => {
    if (!mayGo) return;
    if (first === undefined) return setDecided(false);
    closeLookUp();
    go(first.place);
  }, [mayGo, first]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen is shown
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  return (
    <Dialog.Root open onOpenChange={(open) => !open && closeLookUp()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-[rgb(0_0_0/0.45)]" />
        <Dialog.Popup className="fixed inset-x-2 top-2 z-50 mx-auto flex max-h-[80dvh] max-w-2xl flex-col overflow-hidden rounded-lg border border-edge bg-panel shadow-xl outline-none md:top-[10dvh]">
          <Dialog.Title className="sr-only">Look up or go to</Dialog.Title>
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search aria-hidden="true" className="size-5 shrink-0 text-soft" />
            <input
              role="combobox"
              aria-label="Tag, EPC URI, Digital Link, contract, class or screen"
              aria-expanded={candidates.length > 0}
              aria-controls={listId}
              aria-activedescendant={
                first === undefined ? undefined : `${listId}-${candidates.indexOf(first)}`
              }
              className="hit-large min-w-0 grow bg-transparent text-base outline-none placeholder:text-soft"
              placeholder="Tag, contract, class or screen"
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => type(event.target.value)}
              onKeyDown={(event) => {
                const step = steps[event.key];
                if (step !== undefined && candidates.length > 0) {
                  event.preventDefault();
                  setActive((active + step + candidates.length) % candidates.length);
                } else if (event.key === "Enter") {
                  event.preventDefault();
                  setDecided(true);
                }
              }}
            />
          </div>
          <div ref={list} id={listId} role="listbox" aria-label="Where to" className="overflow-y-auto p-1.5">
            {candidates.map((candidate, index) => (
              <Line
                key={candidate.key}
                id={`${listId}-${index}`}
                candidate={candidate}
                isActive={candidate === first}
                onTake={take}
              />
            ))}
          </div>
          <p role="status" className="px-4 pb-2 text-sm text-soft empty:hidden">
            {isLooking ? "Looking…" : wrong}
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};

type LineProps = {
  id: string;
  candidate: Candidate;
  isActive: boolean;
  onTake: (candidate: Candidate) => void;
};

const Line = ({ id, candidate, isActive, onTake }: LineProps) => (
  // biome-ignore lint/a11y/useKeyWithClickEvents: the field above hears the keys and names the line that is chosen
  // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
  <div
    id={id}
    role="option"
    aria-selected={isActive}
    onClick={() => onTake(candidate)}
    className="hit flex cursor-pointer items-center gap-3 rounded-md px-3 text-sm hover:bg-raised aria-selected:bg-raised"
  >
    <candidate.icon aria-hidden="true" className="size-5 shrink-0 text-soft" />
    <span className="min-w-0 shrink-0 max-w-[60%] truncate font-semibold">{candidate.word}</span>
    <span className="min-w-0 grow truncate text-soft">{candidate.note}</span>
    <span className="shrink-0 text-xs text-soft">{candidate.kind}</span>
  </div>
);
