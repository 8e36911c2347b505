import { AskLag, LagDistribution, LagMinutes, lagDistribution } from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { readScreenLags } from "../store/screen-lags.ts";
import { nullable, problems, SiteParams } from "./schema.ts";

const few = { counts: [0, 0, 40, 12, 3, 1], maxMs: 71.4 };
const example = {
  ...{ known: true, epoch: 1, pos: 48_211, asOf: "2026-06-12T08:40:00.000Z" },
  ...{ from: "2026-06-12T07:41:00.000Z", to: "2026-06-12T08:40:01.220Z" },
  deviceToRecord: lagDistribution(few),
  recordToScreen: { ...lagDistribution(few), epoch: 1, pos: 48_207, asOf: "2026-06-12T08:39:58.007Z" },
};

const Lags = Type.Object(
  {
    ...AskLag.answer.properties,
    recordToScreen: Type.Object(
      {
        ...LagDistribution.properties,
        epoch: nullable(Type.Integer({ description: "of `pos`; null when no screen said anything" })),
        pos: nullable(Type.Integer({ description: "the newest position that one of these screens showed" })),
        asOf: nullable(
          Type.String({
            description: "when the newest of it was kept, RFC 3339; null when no screen said anything",
          }),
        ),
      },
      {
        description:
          "until screens had what was recorded, and the gateway heard of it: only screens that say `agoMs` when they acknowledge, and nothing that they missed while they were away",
      },
    ),
  },
  { examples: [example] },
);

/** Both distributions, as the manager and the screens say it. */
export const lagOf = async ({ bus, store }: Pick<Edge, "bus" | "store">, site: string, minutes?: number) => {
  const answer = await inquire(bus, AskLag, { site, ...(minutes === undefined ? {} : { minutes }) });
  const { lags, asOf, newest } = await readScreenLags(store.sql, site, answer.from);
  const { epoch = null, pos = null } = newest ?? {};
  return { ...answer, recordToScreen: { ...lagDistribution(lags), epoch, pos, asOf } };
};

/** How long a scan takes from the device to the record, and from there to the screens. */
export const lag = (app: Gateway, { bus, sites, store }: Edge): void => {
  app.get(
    "/sites/:site/boards/lag",
    {
      schema: {
        operationId: "getLag",
        tags: ["Boards"],
        summary:
          "How long scans take from the device to the record and from there to the screens, as distributions",
        params: SiteParams,
        querystring: Type.Object({ minutes: Type.Optional(LagMinutes) }),
        response: { 200: Lags, ...problems(404) },
      },
    },
    async ({ params, query: { minutes } }) => {
      await sites.check(params.site);
      return lagOf({ bus, store }, params.site, minutes);
    },
  );
};
