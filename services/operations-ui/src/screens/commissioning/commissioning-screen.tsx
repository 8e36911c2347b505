import { useState } from "react";
import type { Provisioned } from "../../api/commissioning.ts";
import { Panel } from "../../look/panel.tsx";
import { LabelsAgain } from "./labels-again.tsx";
import { MadeTags } from "./made-tags.tsx";
import { ProvisionForm } from "./provision-form.tsx";

type Made = { readonly made: Provisioned; readonly name: string };

/** New tags for things to come, and labels for them and for those that lost theirs. */
export const CommissioningScreen = () => {
  const [last, setLast] = useState<Made>();
  return (
    <div className="grid gap-3 p-3 sm:p-4">
      <Panel title="New tags">
        <ProvisionForm onMade={(made, name) => setLast({ made, name })} />
      </Panel>
      {last !== undefined && <MadeTags key={last.made.tags[0]} {...last} onDone={() => setLast(undefined)} />}
      <LabelsAgain />
    </div>
  );
};
