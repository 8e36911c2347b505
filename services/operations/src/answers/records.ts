import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskClasses,
  AskContract,
  AskContractEvents,
  AskContractMembers,
  AskContracts,
  AskQuarantine,
  AskSession,
  AskSessions,
  AskSessionTags,
  ClientId,
  Fault,
  normaliseTag,
  parsePosition,
  positionText,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { Compile } from "typebox/compile";
import { listClasses } from "../store/classes.ts";
import { findNumbers } from "../store/contract-numbers.ts";
import { findContract, listContracts, listMembers } from "../store/contracts.ts";
import { readContractEvents } from "../store/events.ts";
import { listQuarantined, type QuarantineCursor } from "../store/quarantine.ts";
import { findSession, listSessions, listSessionTags } from "../store/sessions.ts";
import { readAtHead } from "./at-head.ts";
import { decodeText, encodeText, pageOf } from "./page.ts";

/** The rows of one page and the cursor of the next one, which leads on after what `keyOf` says of its last row. */
const paged = <T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => string,
): { page: T[]; next: string | null } => {
  const { page, more } = pageOf(rows, limit);
  const last = page.at(-1);
  return { page, next: more && last !== undefined ? encodeText(keyOf(last)) : null };
};

const afterOf = (cursor: string | null): string | undefined =>
  cursor === null ? undefined : decodeText(cursor);

/** @throws Fault `malformed` when the cursor is none of ours. */
const positionOf = (cursor: string | null): number | undefined => {
  if (cursor === null) return undefined;
  const pos = Number(decodeText(cursor));
  if (!Number.isSafeInteger(pos)) throw new Fault("malformed", "cursor");
  return pos;
};

const scanIdCheck = Compile(ClientId);

/** @throws Fault `malformed` when the cursor is none of ours. */
const scanOf = (cursor: string | null): QuarantineCursor | undefined => {
  if (cursor === null) return undefined;
  const [scanId = "", ...tag] = decodeText(cursor).split(" ");
  if (!scanIdCheck.Check(scanId)) throw new Fault("malformed", "cursor");
  return { scanId, tag: tag.join(" ") };
};

/** Questions about contracts, sessions, classes and what waits in quarantine, answered from the rows themselves. */
export const answerRecords = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskContracts, ({ cursor, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const rows = await listContracts(at, { ...query, after: afterOf(cursor) });
      const { page, next } = paged(rows, query.limit, ({ number }) => number);
      return { contracts: page, next };
    }),
  ),

  answer(bus, AskContract, ({ site, number }) =>
    readAtHead(sql, site, async (at) => ({
      contract: (await findContract(at, site, number.trim())) ?? null,
    })),
  ),

  answer(bus, AskContractMembers, ({ cursor, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const rows = await listMembers(at, { ...query, after: afterOf(cursor) });
      const { page, next } = paged(rows, query.limit, ({ tag }) => tag);
      return { members: page, next };
    }),
  ),

  answer(bus, AskContractEvents, ({ site, number, limit, cursor }) =>
    readAtHead(sql, site, async (at) => {
      const before = cursor === null ? undefined : parsePosition(decodeText(cursor));
      if (cursor !== null && before === undefined) throw new Fault("malformed", "cursor");
      const numbers = await findNumbers(at, site, number.trim());
      const rows = await readContractEvents(at, { site, numbers, before, limit });
      const { page, next } = paged(rows, limit, positionText);
      return { events: page, next };
    }),
  ),

  answer(bus, AskSessions, ({ cursor, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const rows = await listSessions(at, { ...query, before: positionOf(cursor) });
      const { page, next } = paged(rows, query.limit, ({ pos }) => String(pos));
      return { sessions: page, next };
    }),
  ),

  answer(bus, AskSession, async ({ site, id }) => {
    const found = await findSession(sql, site, id);
    return { session: found?.doc ?? null, duplicates: found?.duplicates ?? 0 };
  }),

  answer(bus, AskSessionTags, ({ cursor, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const rows = await listSessionTags(at, { ...query, after: afterOf(cursor) });
      const { page, next } = paged(rows, query.limit, ({ tag }) => tag);
      return { tags: page, next };
    }),
  ),

  answer(bus, AskClasses, ({ site, limit, cursor }) =>
    readAtHead(sql, site, async (at) => {
      const rows = await listClasses(at, { site, limit, after: afterOf(cursor) });
      const { page, next } = paged(rows, limit, ({ class: name }) => name);
      return { classes: page, next };
    }),
  ),

  answer(bus, AskQuarantine, ({ cursor, tag, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const wanted = tag === undefined ? undefined : normaliseTag(tag);
      // Nobody can have a malformed tag, so nothing waits for it.
      if (tag !== undefined && wanted === undefined) return { scans: [], next: null };
      const rows = await listQuarantined(at, { ...query, tag: wanted, after: scanOf(cursor) });
      const { page, next } = paged(rows, query.limit, ({ scanId, tag: of }) => `${scanId} ${of}`);
      return { scans: page, next };
    }),
  ),
];
