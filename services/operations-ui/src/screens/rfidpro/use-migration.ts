import { useCallback, useEffect, useState } from "react";
import { fetchMigration, type SiteMigration } from "../../api/migration.ts";

/** Where the site stands, measured when somebody looks: gates are asked of four services, so they are not asked all the time. */
export const useMigration = (site: string) => {
  const [migration, setMigration] = useState<SiteMigration>();
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(true);
  const [looks, setLooks] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look asks again
  useEffect(() => {
    const leave = new AbortController();
    setBusy(true);
    void fetchMigration(site, leave.signal).then((answer) => {
      if (leave.signal.aborted || answer.kind === "signed_out") return;
      if (answer.kind === "ok") setMigration(answer.value);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
      setBusy(false);
    });
    return () => leave.abort();
  }, [site, looks]);
  return {
    ...{ migration, wrong, busy },
    look: useCallback(() => setLooks((count) => count + 1), []),
    /** A step was taken: it shows at once, and what the next one waits for is measured again, since a step back waits for no gates. */
    moved: useCallback((now: SiteMigration) => {
      setMigration(now);
      setBusy(true);
      setLooks((count) => count + 1);
    }, []),
  };
};
