import { takeVectors } from "@tagwire/audit";
import {
  AuditBarrier,
  type Barrier,
  type Command,
  formsVersion,
  type LoggedEvent,
  type Receipt,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Said } from "../actors/decision.ts";
import type { KeptReceipt } from "../actors/known.ts";
import { readEvents } from "./events.ts";
import { findReceipt } from "./receipts.ts";
import type { SiteHead } from "./sites.ts";

type PlaceBarrier = Extract<Command, { kind: "audit.barrier" }>;

/** A barrier as whoever asked for it is told: its event says all of it. */
export const barrierOf = ({ epoch, pos, recordedAt, data }: LoggedEvent): Barrier => {
  const { barrier, forms, digests } = data as AuditBarrier;
  return { barrier, epoch, pos, recordedAt, forms, digests };
};

/** The barrier that a command has placed before. */
export const findBarrier = async (sql: Sql, site: string, id: string): Promise<Barrier | undefined> => {
  const event = (await findReceipt(sql, site, id.toLowerCase()))?.event;
  if (event === undefined) return undefined;
  const [placed] = await readEvents(sql, site, { ...event, pos: event.pos - 1 }, 1);
  return placed?.type === AuditBarrier.type ? barrierOf(placed) : undefined;
};

/**
 * Takes what is kept of a site as a barrier at its head, and gives what the turn that places it says and keeps. If another turn comes
 * between, the head has moved and that commit is void.
 */
export const takeBarrier = async (
  sql: Sql,
  { site, head, command }: { readonly site: string; readonly head: SiteHead; readonly command: PlaceBarrier },
): Promise<{ said: Said[]; receipts: Map<string, KeptReceipt> }> => {
  const { by, traceparent } = command;
  const id = command.id.toLowerCase();
  const barrier = command.body.barrier.toLowerCase();
  const digests = await takeVectors(sql, { site, barrier });
  const data: AuditBarrier = { barrier, forms: formsVersion, digests };
  const receivedAt = new Date(command.receivedAt).toISOString();
  const said = [{ type: AuditBarrier.type, data, by, receivedAt, traceparent }];
  const event = { epoch: head.epoch, pos: head.pos + 1 };
  const receipt: Receipt = { id, outcome: "accepted", replayed: false, event };
  return { said, receipts: new Map([[id, { bodyHash: barrier, receipt }]]) };
};
