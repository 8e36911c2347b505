import { KeysPanel } from "./keys-panel.tsx";
import { PeoplePanel } from "./people-panel.tsx";
import { SitesPanel } from "./sites-panel.tsx";
import { WebhooksPanel } from "./webhooks-panel.tsx";

/** What a house sets up once and looks after: who else is told, who may ask, and where it is. */
export const AdminScreen = () => (
  <div className="grid items-start gap-3 p-3 sm:gap-4 sm:p-4">
    <WebhooksPanel />
    <KeysPanel />
    <SitesPanel />
    <PeoplePanel />
  </div>
);
