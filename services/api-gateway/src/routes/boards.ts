import {
  AskClassCounts,
  AskContractBoard,
  AskSessionBoard,
  ContractBoardFilter,
  contractProgresses,
  contractStates,
  Fault,
  Moment,
  SessionBoardFilter,
  SiteId,
  sessionStates,
} from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { openCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { asPage, boardPage, said } from "./board-page.ts";
import { pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

const tags = ["Boards"];

/** What narrows the boards down, on the screen and in a file. */
export const ContractBoardQuery = Type.Object({
  ...Type.Omit(ContractBoardFilter, ["state", "progress"]).properties,
  state: Type.Optional(Type.Enum(contractStates)),
  progress: Type.Optional(Type.Enum(contractProgresses)),
});
export const SessionBoardQuery = Type.Object({
  ...Type.Omit(SessionBoardFilter, ["state"]).properties,
  state: Type.Optional(Type.Enum(sessionStates)),
});

export const ClassCountsQuery = Type.Object({ at: Type.Optional(Moment) });

const listed = <T>(value: T | undefined): T[] | undefined => (value === undefined ? undefined : [value]);

/** The filters as the manager takes them. */
export const contractBoardWanted = ({ state, progress, ...filter }: Static<typeof ContractBoardQuery>) =>
  said({ ...filter, state: listed(state), progress: listed(progress) });
export const sessionBoardWanted = ({ state, ...filter }: Static<typeof SessionBoardQuery>) =>
  said({ ...filter, state: listed(state) });

export const boards = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/boards/contracts",
    {
      schema: {
        operationId: "getContractBoard",
        tags,
        summary:
          "What is due out and in today and on the next days, late, overdue and at the laundry, with counts",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...ContractBoardQuery.properties }),
        response: { 200: boardPage(AskContractBoard.answer.properties), ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, ...filter } }) => {
      await sites.check(params.site);
      const asked = { ...params, limit, cursor: openCursor(cursor), ...contractBoardWanted(filter) };
      return asPage(await inquire(bus, AskContractBoard, asked));
    },
  );

  app.get(
    "/sites/:site/boards/sessions",
    {
      schema: {
        operationId: "getSessionBoard",
        tags,
        summary:
          "Who is at work, what was left open, and what is half uploaded; the one that was active last first",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...SessionBoardQuery.properties }),
        response: { 200: boardPage(AskSessionBoard.answer.properties), ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, ...filter } }) => {
      await sites.check(params.site);
      const asked = { ...params, limit, cursor: openCursor(cursor), ...sessionBoardWanted(filter) };
      return asPage(await inquire(bus, AskSessionBoard, asked));
    },
  );

  app.get(
    "/sites/:site/boards/classes",
    {
      schema: {
        operationId: "getClassCounts",
        tags,
        summary:
          "How many items of each class, subcategory and category are available, out and in service, now or at a moment of the past",
        params: Type.Object({ site: SiteId }),
        querystring: ClassCountsQuery,
        response: { 200: AskClassCounts.answer, ...problems(404) },
      },
    },
    async ({ params, query: { at } }) => {
      await sites.check(params.site);
      const counts = await inquire(bus, AskClassCounts, { ...params, ...(at === undefined ? {} : { at }) });
      if (!counts.known) throw new Fault("unavailable", "the figures of this site are not there yet");
      return counts;
    },
  );
};
