import {
  AskContractAt,
  AskItemAt,
  ContractNumber,
  Fault,
  Moment,
  normaliseTag,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { itemView } from "./item-view.ts";
import { ItemView, nullable, pageDefault, pageQuery, problems } from "./schema.ts";

const tags = ["Past"];
const at = { at: Moment };

const {
  contract: _contract,
  members: Members,
  next: _next,
  ...contractAsOf
} = AskContractAt.answer.properties;
const { item: _item, ...itemAsOf } = AskItemAt.answer.properties;
const PastContract = Type.Object({
  ...contractAsOf,
  contract: AskContractAt.answer.properties.contract,
  data: Members,
  nextCursor: nullable(Type.String()),
});
const PastItem = Type.Object({ ...itemAsOf, item: ItemView });

/** What was so at a moment, from the log: an instant, or a position of it. */
export const past = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/past/contracts/:number",
    {
      schema: {
        operationId: "getPastContract",
        tags,
        summary: "A contract and what was on it, as of a moment of the past",
        params: Type.Object({ site: SiteId, number: ContractNumber }),
        querystring: Type.Object({ ...pageQuery, ...at }),
        response: { 200: PastContract, ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, at } }) => {
      await sites.check(params.site);
      const number = params.number.trim();
      const { contract, members, next, ...asOf } = await inquire(bus, AskContractAt, {
        site: params.site,
        number,
        limit,
        cursor: openCursor(cursor),
        at,
      });
      if (contract === null) throw new Fault("contract_unknown", `${number} at ${at}`);
      return { ...asOf, contract, data: members, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/past/items/:tag",
    {
      schema: {
        operationId: "getPastItem",
        tags,
        summary: "An item as it was at a moment of the past",
        params: Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) }),
        querystring: Type.Object(at),
        response: { 200: PastItem, ...problems(404) },
      },
    },
    async ({ params, query: { at } }) => {
      await sites.check(params.site);
      const tag = normaliseTag(params.tag);
      if (tag === undefined) throw new Fault("tag_malformed", "");
      const { item, ...asOf } = await inquire(bus, AskItemAt, { site: params.site, tag, at });
      if (item === null) throw new Fault("tag_unknown", `${tag} at ${at}`);
      return { ...asOf, item: itemView(item) };
    },
  );
};
