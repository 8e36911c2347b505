import type { Bus } from "@tagwire/bus";
import {
  ActOnRfidproDifference,
  AskActOnRfidproDifference,
  AskRfidproDifference,
  AskRfidproDifferences,
  AskRfidproRun,
  ClientId,
  Fault,
  RfidproDifference,
  type RfidproDifferenceAct,
  RfidproDifferenceChange,
  rfidproDifferenceActs,
  rfidproDifferenceClasses,
  rfidproDifferenceStates,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, nullable, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

export const rfidproTags = ["RFIDpro"];
export const RunParams = Type.Object({ id: ClientId });
const DifferenceParams = Type.Object({ site: SiteId, id: ClientId });
const wordsMax = 400;

/** Of a run that there is not nothing can be said: an empty list would say that all is well. @throws Fault `rfidpro.run_unknown` */
export const checkRun = async (bus: Bus, id: string): Promise<void> => {
  const { run } = await inquire(bus, AskRfidproRun, { id });
  if (run === null) throw new Fault("rfidpro.run_unknown", id);
};

/** What narrows differences down: words with commas between them, and a part of what names one. */
export const RfidproDifferencesFilter = Type.Object({
  class: Type.Optional(
    Type.String({ maxLength: wordsMax, description: `of ${rfidproDifferenceClasses.join(", ")}` }),
  ),
  state: Type.Optional(
    Type.String({ maxLength: wordsMax, description: `of ${rfidproDifferenceStates.join(", ")}` }),
  ),
  q: Type.Optional(Type.String({ maxLength: 200, description: "part of a tag, or of a rental class" })),
});

const wordsOf = <T extends string>(
  given: string | undefined,
  known: readonly T[],
  name: string,
): T[] | undefined =>
  given?.split(",").map((text) => {
    const word = known.find((one) => one === text.trim());
    if (word === undefined) throw new Fault("malformed", `${name}: ${text} is none of ${known.join(", ")}`);
    return word;
  });

/** What a filter comes to. @throws Fault `malformed` for a word that means nothing there */
export const rfidproDifferencesWanted = (query: {
  readonly class?: string;
  readonly state?: string;
  readonly q?: string;
}) => {
  const classes = wordsOf(query.class, rfidproDifferenceClasses, "class");
  const states = wordsOf(query.state, rfidproDifferenceStates, "state");
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(states === undefined ? {} : { states }),
    ...(query.q === undefined || query.q === "" ? {} : { q: query.q }),
  };
};

const summaries: Readonly<Record<RfidproDifferenceAct, string>> = {
  acknowledge: "Take a difference up: it has an owner from now on, and a time by which it is due",
  resolve: "Say how a difference was resolved, or that it is none",
  reopen: "Open a difference again",
  assign: "Give a difference to somebody",
};

// The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
const verbPath = (act: RfidproDifferenceAct) =>
  `/sites/:site/rfidpro/differences/:id(^[0-9a-fA-F-]+)::${act}`;

/** In what RFIDpro and operations differ, and what people do about it. Nothing here changes either side. */
export const rfidproDifferences = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/rfidpro/runs/:id/differences",
    {
      schema: {
        operationId: "listRfidproRunDifferences",
        tags: rfidproTags,
        summary: "What a pull differed in from operations, as it was seen then",
        params: RunParams,
        querystring: Type.Object({ ...pageQuery, ...RfidproDifferencesFilter.properties }),
        response: { 200: listOf(RfidproDifference), ...problems(404) },
      },
    },
    async ({ params: { id: run }, query }) => {
      await checkRun(bus, run);
      const { differences: data, next } = await inquire(bus, AskRfidproDifferences, {
        ...{ site: null, run, limit: query.limit ?? pageDefault, cursor: openCursor(query.cursor) },
        ...rfidproDifferencesWanted(query),
      });
      return { data, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/rfidpro/differences",
    {
      schema: {
        operationId: "listRfidproDifferences",
        tags: rfidproTags,
        summary: "In what RFIDpro and operations differ at a site now, those that were seen last first",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...RfidproDifferencesFilter.properties }),
        response: { 200: listOf(RfidproDifference), ...problems(404) },
      },
    },
    async ({ params: { site }, query }) => {
      await sites.check(site);
      const { differences: data, next } = await inquire(bus, AskRfidproDifferences, {
        ...{ site, run: null, limit: query.limit ?? pageDefault, cursor: openCursor(query.cursor) },
        ...rfidproDifferencesWanted(query),
      });
      return { data, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/rfidpro/differences/:id",
    {
      schema: {
        operationId: "getRfidproDifference",
        tags: rfidproTags,
        summary: "One difference, with both sides and its history",
        params: DifferenceParams,
        response: {
          200: Type.Object({ ...RfidproDifference.properties, history: Type.Array(RfidproDifferenceChange) }),
          ...problems(404),
        },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { difference, history } = await inquire(bus, AskRfidproDifference, params);
      if (difference === null) throw new Fault("rfidpro.difference_unknown", params.id);
      return { ...difference, history };
    },
  );

  for (const act of rfidproDifferenceActs)
    app.post(
      verbPath(act),
      {
        schema: {
          operationId: `${act}RfidproDifference`,
          tags: rfidproTags,
          summary: summaries[act],
          params: DifferenceParams,
          body: nullable(ActOnRfidproDifference),
          response: { 200: RfidproDifference, ...problems(404, 409) },
        },
      },
      async (request) => {
        const { params, body } = request;
        await sites.check(params.site);
        const done = { ...params, act, by: principalOf(request).name, ...(body ?? {}) };
        return (await instruct(bus, AskActOnRfidproDifference, done)).difference;
      },
    );
};
