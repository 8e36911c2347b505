import type { FindingAct, FindingDetail, Healing, Resolution } from "@tagwire/messages";
import { useState } from "react";
import { actOnFinding, previewHealing } from "../../api/agreement.ts";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { personText } from "../../words/by.ts";
import { resolutionWords } from "../../words/findings.ts";
import { ResolutionField, WhyField } from "../resolution-fields.tsx";
import { useAct } from "../use-act.ts";
import { HealPreview } from "./heal-preview.tsx";

type Props = { finding: FindingDetail; onDone: () => void };

/** What a person can do about a finding, as it stands. */
export const FindingActs = ({ finding, onDone }: Props) => {
  const site = useSite();
  const [why, setWhy] = useState("");
  const [resolution, setResolution] = useState<Resolution>("fixed_forward");
  const [previewed, setPreviewed] = useState<{ readonly healing: Healing; readonly version: number }>();
  const { busy, wrong, run } = useAct();

  const act = async (what: FindingAct): Promise<void> => {
    const reason = why.trim();
    const body = {
      act: what,
      ...(reason === "" ? {} : { why: reason }),
      ...(what === "resolve" ? { resolution } : {}),
    };
    const done = await run(() => actOnFinding(site.id, finding.id, body));
    setPreviewed(undefined);
    if (done !== undefined) setWhy("");
    onDone();
  };

  const preview = async (): Promise<void> => {
    const told = await run(() => previewHealing(site.id, finding.id));
    setPreviewed(told === undefined ? undefined : { healing: told.healing, version: finding.version });
  };

  // What was said of a finding that has changed since may not be so any more.
  const healing = previewed?.version === finding.version ? previewed.healing : undefined;
  const isOpen = ["open", "acknowledged", "in_review"].includes(finding.state);
  const isOver = ["resolved", "closed", "auto_healed", "superseded"].includes(finding.state);
  return (
    <Panel title="What to do">
      <div className="grid gap-3 px-4 pb-4 sm:px-5">
        {finding.state === "suspect" && (
          <p className="text-sm">It was seen at one audit only. If the next one sees it, too, it is open.</p>
        )}
        {isOpen && finding.proposedBy !== null && (
          <p className="text-sm font-semibold">
            {finding.resolution === null
              ? `${personText(finding.proposedBy)} proposes to heal it. Somebody else has to say so, too.`
              : `${personText(finding.proposedBy)} says how it was resolved. Somebody else has to say so, too.`}
          </p>
        )}
        {(isOpen || isOver) && <WhyField why={why} onChange={setWhy} />}
        {isOpen && (
          <>
            <ResolutionField {...{ words: resolutionWords, resolution }} onChange={setResolution} />
            <div className="flex flex-wrap gap-2">
              {finding.state === "open" && (
                <Button kind="primary" disabled={busy} onClick={() => void act("acknowledge")}>
                  Take it up
                </Button>
              )}
              {finding.state === "acknowledged" && (
                <Button disabled={busy} onClick={() => void act("review")}>
                  Look into it
                </Button>
              )}
              <Button disabled={busy} onClick={() => void act("resolve")}>
                Resolve
              </Button>
              {finding.remedy !== "none" && healing === undefined && (
                <Button disabled={busy} onClick={() => void preview()}>
                  Heal…
                </Button>
              )}
            </div>
          </>
        )}
        {healing !== undefined && (
          <HealPreview
            healing={healing}
            busy={busy}
            onHeal={() => void act("heal")}
            onLeave={() => setPreviewed(undefined)}
          />
        )}
        {isOver && (
          <div className="flex flex-wrap gap-2">
            {finding.state !== "closed" && (
              <Button disabled={busy} onClick={() => void act("close")}>
                Put away
              </Button>
            )}
            <Button disabled={busy} onClick={() => void act("reopen")}>
              Open again
            </Button>
          </div>
        )}
        <WrongSaid wrong={wrong} />
      </div>
    </Panel>
  );
};
