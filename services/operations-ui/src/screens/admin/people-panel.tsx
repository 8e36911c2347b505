import { Panel } from "../../look/panel.tsx";

/** What people may not expect to find here, said plainly. */
export const PeoplePanel = () => (
  <Panel title="People and devices">
    <p className="max-w-prose px-4 pb-4 text-sm sm:px-5">
      Tagwire has no accounts of people and no paired devices yet. Whoever signs in by the link of the
      launcher is the administrator, and every key may do everything. Make a key for each device and script,
      so that its scans carry its name and it can be revoked alone.
    </p>
  </Panel>
);
