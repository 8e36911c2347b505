import { InboxPanel } from "./inbox-panel.tsx";
import { PushPanel } from "./push-panel.tsx";
import { RulesPanel } from "./rules-panel.tsx";

/** What calls for attention, and what is watched for. */
export const AlertsScreen = () => (
  <div className="grid items-start gap-3 p-3 sm:gap-4 sm:p-4">
    <InboxPanel />
    <RulesPanel />
    <PushPanel />
  </div>
);
