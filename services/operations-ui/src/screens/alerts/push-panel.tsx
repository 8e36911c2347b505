import { useEffect, useState } from "react";
import type { Answer } from "../../api/http.ts";
import { Button } from "../../look/button.tsx";
import { Panel } from "../../look/panel.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { type PushState, readPush, switchOff, switchOn } from "../../shell/pushes.ts";
import { useAct } from "../use-act.ts";

const words: Readonly<Record<PushState, string>> = {
  unable: "This browser cannot be told: it needs a page that was opened by https, or on the machine itself.",
  refused: "This browser was told to show nothing from here. Its settings for this page change that.",
  off: "Rules that tell by push reach every browser that asks for it, also while the page is closed.",
  on: "This browser is told of the alerts of all sites by rules that tell by push, also while the page is closed.",
};

/** Whether this browser is told of alerts. */
export const PushPanel = () => {
  const { busy, wrong, run } = useAct();
  const [state, setState] = useState<PushState>();
  const become = async (asked: () => Promise<Answer<PushState>>) => {
    const next = await run(asked);
    if (next !== undefined) setState(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the panel is opened
  useEffect(() => void become(readPush), []);
  return (
    <Panel
      title="This browser"
      aside={
        state === "on" ? (
          <Button disabled={busy} onClick={() => void become(switchOff)}>
            Tell it no more
          </Button>
        ) : (
          <Button
            disabled={busy || state === "unable" || state === "refused"}
            onClick={() => void become(switchOn)}
          >
            Tell this browser
          </Button>
        )
      }
    >
      <div className="grid gap-2 px-4 pb-4 text-sm text-soft sm:px-5">
        <p>{state === undefined ? "Asking whether this browser is told…" : words[state]}</p>
        <WrongSaid wrong={wrong} />
      </div>
    </Panel>
  );
};
