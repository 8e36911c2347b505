import { Age } from "../../look/age.tsx";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { personText } from "../../words/by.ts";
import { stageWords } from "../../words/migration.ts";
import { MigrationGates } from "./migration-gates.tsx";
import { MigrationHistory } from "./migration-history.tsx";
import { MigrationMoves } from "./migration-moves.tsx";
import { MigrationSteps } from "./migration-steps.tsx";
import { useMigration } from "./use-migration.ts";

/** How far the site has come from the old system, what its next step waits for, and the buttons that go there and back. */
export const MigrationPanel = () => {
  const site = useSite();
  const { migration, wrong, busy, look, moved } = useMigration(site.id);
  return (
    <Panel
      title="From the old system to this one"
      aside={
        <Button disabled={busy} onClick={look}>
          {busy ? "Measuring…" : "Measure again"}
        </Button>
      }
    >
      {wrong !== undefined && (
        <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
          {wrong}
        </p>
      )}
      {migration === undefined ? (
        wrong === undefined && <Waiting>Asking what the next step waits for…</Waiting>
      ) : (
        <div className="grid gap-4 px-4 pb-4 sm:px-5">
          <MigrationSteps stage={migration.stage} />
          <p className="text-sm">
            {stageWords[migration.stage].says}{" "}
            <span className="text-soft">
              Since <Age at={migration.since} />
              {migration.by?.person !== undefined && `, by ${personText(migration.by.person)}`}.
            </span>
          </p>
          <MigrationGates migration={migration} busy={busy} />
          <MigrationMoves key={migration.stage} migration={migration} busy={busy} onMoved={moved} />
          <MigrationHistory steps={migration.history} timeZone={site.timeZone} />
        </div>
      )}
    </Panel>
  );
};
