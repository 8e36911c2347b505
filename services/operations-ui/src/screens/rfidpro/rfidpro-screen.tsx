import { DifferencesPanel } from "./differences-panel.tsx";
import { ImportPanel } from "./import-panel.tsx";
import { MigrationPanel } from "./migration-panel.tsx";
import { RunPanel } from "./run-panel.tsx";

/** The old system: what was read of it, when, and how that ended; and how the site leaves it. */
export const RfidproScreen = () => (
  <div className="grid min-w-0 gap-3 p-3 sm:gap-4 sm:p-4">
    <RunPanel />
    <DifferencesPanel />
    <ImportPanel />
    <MigrationPanel />
  </div>
);
