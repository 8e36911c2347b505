import type { ContractState, Scan } from "@tagwire/messages";
import type { Answer } from "../../api/http.ts";
import * as api from "../../api/training.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { close } from "../../scan/declare.ts";
import { insist, Refused, scanNow, trainerId } from "./school.ts";

/** Scans that are handed in at once. */
const scansPerCall = 500;

/** All there is, page by page, before anything of it is changed: what is changed meanwhile would shift the pages. @throws Refused */
const allOf = async <T>(fetchPage: (cursor: string | null) => Promise<Answer<api.Page<T>>>): Promise<T[]> => {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: api.Page<T> = await insist(fetchPage(cursor));
    all.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
};

const itemsWith = (site: string, status: string) =>
  allOf((cursor) => api.fetchItems(site, { status, cursor }));

/** States of a contract on which somebody still works. */
const unfinished = ["open", "finalized", "returned"] as const satisfies readonly ContractState[];

/** Of contracts that stay open, each exercise would leave one more, and the boards would be full of what nobody works on. */
const closeContracts = async (site: string, state: ContractState): Promise<void> => {
  for (const { number } of await allOf((cursor) => api.fetchContracts(site, { state, cursor })))
    await insist(api.actOnContract(site, number, "close"));
};

/** Hands in all of them; those of which nothing came are counted, and why of the first is told. @throws Refused */
const scanAll = async (site: string, scans: readonly Scan[]): Promise<void> => {
  const refused: string[] = [];
  for (let from = 0; from < scans.length; from += scansPerCall) {
    const handed = scans.slice(from, from + scansPerCall);
    const { receipts } = await insist(api.recordScans(site, handed));
    for (const { id, outcome, message, code } of receipts) {
      if (outcome !== "rejected" && outcome !== "quarantined") continue;
      const tag = handed.find((scan) => scan.id === id)?.tag;
      refused.push(`${tag}: ${message ?? code ?? outcome}`);
    }
  }
  if (refused.length === 0) return;
  throw new Refused({
    status: 409,
    code: "training.nothing",
    message: `${refused.length} of ${scans.length} could not be put back. ${refused[0]}`,
    retryable: false,
  });
};

/** What is put at once when somebody has had enough; sessions end with what this device scanned into them. @throws Refused */
export const putEverythingBack = async (site: string, outbox: Outbox): Promise<void> => {
  await insist(api.takeFromField(site, trainerId));
  for (const { id } of await allOf((cursor) => api.fetchOpenSessions(site, cursor)))
    await insist(close(outbox, { site, session: id }));
  const out = await itemsWith(site, "on_rent,delivered,staged");
  await scanAll(
    site,
    out.map(({ tag }) => scanNow(tag, { type: "return" })),
  );
  // After those, since what comes back may have to be looked at first.
  const inService = await itemsWith(site, "inspect,repair,wash,wet,missing");
  await scanAll(
    site,
    inService.map(({ tag }) => scanNow(tag, { type: "service", status: "ready" })),
  );
  // After what was out is back, so that none is closed with items out.
  for (const state of unfinished) await closeContracts(site, state);
};
