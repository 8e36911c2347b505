import Type, { type Static } from "typebox";
import { openCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { asPage, boardPage, said } from "./board-page.ts";
import { figureLists } from "./figure-list.ts";
import { pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

type Asked = {
  readonly params: Static<typeof SiteParams>;
  readonly query: { readonly limit?: number; readonly cursor?: string } & Readonly<Record<string, unknown>>;
};

/** `GET` of every figure that is a list, as of one position of the site. */
export const figures = (app: Gateway, { bus, sites }: Edge): void => {
  for (const { path, question, filter, example, ...described } of figureLists)
    app.get(
      `/sites/:site/boards${path}`,
      {
        schema: {
          ...described,
          tags: ["Boards"],
          params: SiteParams,
          querystring: Type.Object({ ...pageQuery, ...filter.properties }),
          response: {
            200: boardPage(question.answer.properties, { examples: [example] }),
            ...problems(404),
          },
        },
      },
      async (request) => {
        const { params, query } = request as unknown as Asked;
        const { limit = pageDefault, cursor, ...wanted } = query;
        await sites.check(params.site);
        const asked = { ...said(wanted), ...params, limit, cursor: openCursor(cursor) };
        return asPage(await inquire(bus, question, asked));
      },
    );
};
