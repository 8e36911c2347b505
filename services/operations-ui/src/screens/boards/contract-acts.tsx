import type { ContractAct, ContractRow } from "@tagwire/messages";
import { useState } from "react";
import { actOnContract, mergeContract } from "../../api/contracts.ts";
import type { Answer } from "../../api/http.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { SureButton } from "../../look/sure-button.tsx";
import { useSite } from "../../site-context.ts";

type Act = { readonly act: ContractAct; readonly word: string };
const close: Act = { act: "close", word: "Close the contract" };
const reopen: Act = { act: "reopen", word: "Open it again" };

/** What may be done to a contract as it stands; laundry goes its rounds. */
const actsOf = ({ kind, state }: ContractRow): readonly Act[] => {
  if (state === "merged") return [];
  if (state === "closed") return [reopen];
  if (kind !== "laundry") return [close];
  switch (state) {
    case "open":
      return [{ act: "finalize", word: "The cleaner has it" }, close];
    case "finalized":
      return [{ act: "returned", word: "The cleaner brought it back" }, close];
    case "returned":
      return [{ act: "reactivate", word: "Send it out again" }, close];
  }
};

/** Closes a contract, opens it again, or makes one that was written by hand the real one. */
export const ContractActs = ({ row }: { row: ContractRow }) => {
  const site = useSite();
  const { number, kind, state } = row;
  const [into, setInto] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const run = async (work: Promise<Answer<unknown>>): Promise<void> => {
    setBusy(true);
    const answer = await work;
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
  };
  return (
    <div className="grid gap-3 px-4 pb-4 sm:px-5">
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {actsOf(row).map(({ act, word }) => (
          <Button
            key={act}
            disabled={isBusy}
            onClick={() => void run(actOnContract(site.id, { number, act }))}
          >
            {word}
          </Button>
        ))}
      </div>
      {kind === "manual" && state !== "merged" && (
        <div className="flex flex-wrap items-end gap-2">
          <div className="min-w-48">
            <TextField
              label="Its real number"
              value={into}
              maxLength={64}
              onChange={(event) => setInto(event.target.value)}
            />
          </div>
          <SureButton
            sure={`Yes, merge it into ${into.trim()} for good`}
            disabled={isBusy || into.trim() === ""}
            onSure={() => void run(mergeContract(site.id, { number, into: into.trim() }))}
          >
            Merge…
          </SureButton>
        </div>
      )}
    </div>
  );
};
