import type { MigrationDirection, MigrationGate, MigrationStage, MigrationStep } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Where a site stands between the old system and this one, and what its next step waits for. */
export type SiteMigration = {
  readonly stage: MigrationStage;
  readonly since: string;
  readonly by: MigrationStep["by"] | null;
  readonly gates: readonly MigrationGate[];
  readonly next: MigrationStage | null;
  /** Names of gates that hold the next step. */
  readonly held: readonly string[];
  readonly history: readonly MigrationStep[];
};

const path = (site: string): string => `/sites/${encodeURIComponent(site)}/migration`;
/** Whoever measures the gates asks others, who may take their time; a step on has them measured before and after. */
const gatesTimeoutMs = 45_000;

export const fetchMigration = (site: string, signal: AbortSignal): Promise<Answer<SiteMigration>> =>
  call(path(site), { signal, timeoutMs: gatesTimeoutMs });

export type Move = {
  /** The stage that the person saw: where the site is another one by now nothing is moved. */
  readonly from: MigrationStage;
  readonly direction: MigrationDirection;
  readonly why?: string;
  readonly force?: true;
  /** A second press of the same button is the same step. */
  readonly id: string;
};

export const moveMigration = (
  site: string,
  { direction, id, ...body }: Move,
): Promise<Answer<SiteMigration>> =>
  call(`${path(site)}:${direction}`, {
    ...{ method: "POST", body, idempotencyKey: id, timeoutMs: gatesTimeoutMs },
  });
