import {
  AskContractRounds,
  AskRoundItems,
  ContractNumber,
  LaundryRound,
  RoundItem,
  roundFindings,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { said } from "./board-page.ts";
import { pageQuery, positionIn, problems, recordListOf } from "./schema.ts";

const tags = ["Contracts"];
/** A round carries its classes, lots and missing tags, so a page has fewer of them than of rows. */
export const roundsPageMax = 50;
const roundsPageDefault = 10;
const itemsPageDefault = 50;

const ContractParams = Type.Object({ site: SiteId, number: ContractNumber });
export const RoundParams = Type.Object({
  site: SiteId,
  number: ContractNumber,
  round: Type.Integer({ minimum: 1, maximum: 1_000_000, description: "the first round is 1" }),
});
export const RoundItemsFilter = Type.Object({ finding: Type.Optional(Type.Enum(roundFindings)) });

const number = Type.String({
  description: "the number that the contract has now: of one that was merged, the one it is part of",
});

const missing = {
  tag: "3034257BF7194E4000001A85",
  class: "Napkin white",
  finding: "missing",
  sentAt: "2026-06-09T07:12:40.000Z",
  backAt: null,
  sentRound: 1,
  backRound: null,
} as const;
const counts = { sent: 40, returned: 39, missing: 1, backLater: 0, notRecorded: 0, surplus: 0 };
const counted = { sent: 240, returned: 236, missing: 4, surplus: 0 };

/** A report as it may be. */
/** What lists of the record are of, in examples. */
const exampleAt = { epoch: 1, pos: 48_211, asOf: "2026-06-12T08:40:00.000Z" };

export const differencesExample = {
  number: "L4711",
  data: [
    {
      ...{ round: 1, state: "returned", beganAt: "2026-06-09T07:12:40.000Z", beganBy: { person: "ana" } },
      ...{ finalizedAt: "2026-06-09T15:00:00.000Z", finalizedBy: { person: "ana" } },
      ...{ returnedAt: "2026-06-12T09:30:00.000Z", returnedBy: { person: "ben" } },
      ...{ endedAt: null, endedBy: null },
      items: counts,
      lots: counted,
      classes: [{ class: "Napkin white", ...counts }],
      lotNames: [{ name: "Napkin, no tag", ...counted }],
      missingTags: [missing],
      missingTagsMore: 0,
    },
  ],
  nextCursor: null,
  ...exampleAt,
};

export const roundItemsExample = {
  number: "L4711",
  round: 1,
  data: [missing],
  nextCursor: null,
  ...exampleAt,
};

export const DifferencesPage = Type.Object(
  { number, ...recordListOf(LaundryRound).properties },
  { examples: [differencesExample] },
);
export const RoundItemsPage = Type.Object(
  { number, round: Type.Integer(), ...recordListOf(RoundItem).properties },
  { examples: [roundItemsExample] },
);

/** The difference report of laundry, round by round. */
export const contractDifferences = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/contracts/:number/differences",
    {
      schema: {
        operationId: "listContractDifferences",
        tags,
        summary:
          "Laundry, round by round, the newest first: what was counted before the wash, what came back, and what is missing or more",
        description: `Each reactivation begins a round. A round keeps, for scanned items by class and for hand-counted goods by name, what was sent, what
came back and the difference, with when it was finalized and returned and by whom. A scan belongs to the round in which it was made,
a hand count to the one in which it was recorded. What comes back in a later round stays missing in its own (\`backLater\`) and is
surplus in the later one. Scans and counts that were undone are in no round.`,
        params: ContractParams,
        querystring: Type.Object({
          ...pageQuery,
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: roundsPageMax, default: roundsPageDefault }),
          ),
        }),
        response: { 200: DifferencesPage, ...problems(404, 409, 413) },
      },
    },
    async ({ params, query: { limit = roundsPageDefault, cursor } }) => {
      await sites.check(params.site);
      const answer = await inquire(bus, AskContractRounds, {
        ...params,
        limit,
        cursor: openCursor(cursor),
      });
      return {
        number: answer.number,
        data: answer.rounds,
        nextCursor: sealCursor(answer.next),
        ...positionIn(answer),
      };
    },
  );

  app.get(
    "/sites/:site/contracts/:number/differences/:round/items",
    {
      schema: {
        operationId: "listRoundItems",
        tags,
        summary: "What became of each item in a round of laundry, by tag",
        params: RoundParams,
        querystring: Type.Object({ ...pageQuery, ...RoundItemsFilter.properties }),
        response: { 200: RoundItemsPage, ...problems(404, 409, 413) },
      },
    },
    async ({ params, query: { limit = itemsPageDefault, cursor, finding } }) => {
      await sites.check(params.site);
      const answer = await inquire(bus, AskRoundItems, {
        ...params,
        limit,
        cursor: openCursor(cursor),
        ...said({ finding: finding === undefined ? undefined : [finding] }),
      });
      return {
        number: answer.number,
        round: params.round,
        data: answer.items,
        nextCursor: sealCursor(answer.next),
        ...positionIn(answer),
      };
    },
  );
};
