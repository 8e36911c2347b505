import type { RfidproRunRow } from "@tagwire/messages";
import { useState } from "react";
import { useFreshness, useView } from "../../live/use-live.ts";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { EarlierRuns } from "./earlier-runs.tsx";
import { NewestRun } from "./newest-run.tsx";
import { PullForm } from "./pull-form.tsx";

const newestFirst = (left: RfidproRunRow, right: RfidproRunRow): number =>
  left.startedAt < right.startedAt ? 1 : -1;

/** Pulls of RFIDpro: a button to begin one, the one that goes on, how the last one ended, and those before. */
export const RunPanel = () => {
  const site = useSite();
  const snapshot = useView(site.id, "rfidpro");
  const fresh = useFreshness(snapshot);
  const [refused, setRefused] = useState<string>();
  const rows = ([...snapshot.rows.values()] as unknown as RfidproRunRow[]).sort(newestFirst);
  const [newest, ...before] = rows;
  return (
    <Panel title="RFIDpro" fresh={fresh}>
      <PullForm isRunning={newest?.state === "running"} refused={setRefused} />
      {refused !== undefined && (
        <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
          {refused}
        </p>
      )}
      {newest === undefined ? (
        <Waiting>
          {snapshot.whole
            ? "RFIDpro was not read for this site yet."
            : (snapshot.fault?.message ?? "Asking for the pulls…")}
        </Waiting>
      ) : (
        <>
          <NewestRun run={newest} refused={setRefused} />
          <EarlierRuns runs={before} />
        </>
      )}
    </Panel>
  );
};
