import { AskQuarantine, QuarantinedScan } from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { said } from "./board-page.ts";
import { listOf, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

export const QuarantineFilter = Type.Object({
  tag: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description: "scans of this tag alone" })),
});

const example = {
  data: [
    {
      tag: "3034257BF7194E4000001A99",
      scanId: "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10",
      type: "touch",
      scannedAt: "2026-03-02T07:15:04.120+01:00",
      receivedAt: "2026-03-02T06:15:04.377Z",
      by: { device: "handheld 7" },
      place: "dock-1",
      contract: null,
      session: null,
    },
  ],
  nextCursor: null,
};

/** Scans of tags that nobody has commissioned yet. */
export const quarantine = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/quarantine",
    {
      schema: {
        operationId: "listQuarantine",
        tags: ["Scans"],
        summary: "Scans that wait until their tags are commissioned, in the order of their tags",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...QuarantineFilter.properties }),
        response: { 200: { ...listOf(QuarantinedScan), examples: [example] }, ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, ...filter } }) => {
      await sites.check(params.site);
      const asked = { ...params, limit, cursor: openCursor(cursor), ...said(filter) };
      const { scans, next } = await inquire(bus, AskQuarantine, asked);
      return { data: scans, nextCursor: sealCursor(next) };
    },
  );
};
