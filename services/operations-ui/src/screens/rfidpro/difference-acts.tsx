import type { RfidproDifference, RfidproDifferenceAct } from "@tagwire/messages";
import { useState } from "react";
import { actOnDifference } from "../../api/rfidpro-differences.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { differenceResolutionWords } from "../../words/rfidpro-differences.ts";
import { ResolutionField, WhyField } from "../resolution-fields.tsx";
import { useAct } from "../use-act.ts";

type Resolution = NonNullable<RfidproDifference["resolution"]>;
type Props = { difference: RfidproDifference; onDone: () => void };

const settled: readonly string[] = ["resolved", "false_positive", "gone"];

/** What a person can do about a difference. None of it changes either side. */
export const DifferenceActs = ({ difference, onDone }: Props) => {
  const site = useSite();
  const [why, setWhy] = useState("");
  const [owner, setOwner] = useState("");
  const [resolution, setResolution] = useState<Resolution>("fixed_in_operations");
  const { busy, wrong, run } = useAct();

  const act = async (what: RfidproDifferenceAct): Promise<void> => {
    const body = {
      act: what,
      ...(why.trim() === "" ? {} : { why: why.trim() }),
      ...(what === "assign" ? { owner: owner.trim() } : {}),
      ...(what === "resolve" ? { resolution } : {}),
    };
    const done = await run(() => actOnDifference(site.id, difference.id, body));
    if (done !== undefined) onDone();
  };

  const isOver = settled.includes(difference.state);
  return (
    <div className="grid gap-2 sm:grid-cols-3">
      <WhyField why={why} onChange={setWhy} />
      {!isOver && (
        <>
          <TextField
            label="Who looks after it"
            value={owner}
            maxLength={120}
            onChange={(event) => setOwner(event.target.value)}
          />
          <ResolutionField {...{ words: differenceResolutionWords, resolution }} onChange={setResolution} />
        </>
      )}
      <div className="flex flex-wrap gap-2 sm:col-span-3">
        {isOver ? (
          <Button disabled={busy} onClick={() => void act("reopen")}>
            Open again
          </Button>
        ) : (
          <>
            <Button kind="primary" disabled={busy} onClick={() => void act("acknowledge")}>
              Take it up
            </Button>
            <Button disabled={busy || owner.trim() === ""} onClick={() => void act("assign")}>
              Hand over
            </Button>
            <Button disabled={busy} onClick={() => void act("resolve")}>
              Resolve
            </Button>
          </>
        )}
      </div>
      <WrongSaid wrong={wrong} className="sm:col-span-3" />
    </div>
  );
};
