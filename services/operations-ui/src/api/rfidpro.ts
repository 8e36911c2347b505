import type { RfidproDataset, RfidproRun } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import { type Answer, call } from "./http.ts";

/** What a person wants pulled. */
export type Pull = {
  readonly site: string;
  readonly datasets: readonly RfidproDataset[];
  readonly compare: boolean;
  /** Whether of the scans those alone are read that are new. */
  readonly incremental: boolean;
};

/** Begins a pull that may be imported, once somebody has looked at what that would do, where all is read; answers when it has begun. Sent again under its id it would be the same one. */
export const startPull = (pull: Pull): Promise<Answer<RfidproRun>> =>
  call("/rfidpro/runs", { method: "POST", body: { id: uuidv7(), import: !pull.incremental, ...pull } });

export const cancelPull = (id: string): Promise<Answer<RfidproRun>> =>
  call(`/rfidpro/runs/${id}:cancel`, { method: "POST" });

/** Where the manifest of a pull is, as a file. */
export const manifestPath = (id: string): string => `/api/v1/rfidpro/runs/${id}/manifest`;
