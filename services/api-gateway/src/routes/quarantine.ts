import { AskQuarantine, DismissHeld, QuarantinedScan, Receipt, SiteId } from "@tagwire/messages";
import Type from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { said } from "./board-page.ts";
import {
  IdempotencyHeaders,
  pageDefault,
  pageQuery,
  positionIn,
  problems,
  recordListOf,
  SiteParams,
} from "./schema.ts";

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
const Dismissed = Type.Object({
  scans: Type.Array(Type.String(), {
    description: "ids of the scans that waited; none when nothing did, or where it is answered again",
  }),
  receipt: Receipt,
});
const dismissal = {
  scans: ["01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10"],
  receipt: {
    id: "01939f11-0c44-7d21-8e0a-9f4f2b6c1d20",
    outcome: "accepted",
    message: "1 scans were dismissed",
    replayed: false,
    event: { epoch: 1, pos: 48_212 },
  },
};

export const quarantine = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/quarantine/:tag(^[^:]+)::dismiss",
    {
      schema: {
        operationId: "dismissHeldScans",
        tags: ["Scans"],
        summary:
          "Say that the scans which wait for a tag are never to be decided, and why: they stay in the log, and the tag's next scan waits anew",
        params: Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) }),
        headers: IdempotencyHeaders,
        body: Type.Omit(DismissHeld, ["tag"]),
        response: { 200: { ...Dismissed, examples: [dismissal] }, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, tag } = request.params;
      const { scans, receipt } = await sendCommand<"quarantine.dismiss">(bus, site, {
        kind: "quarantine.dismiss",
        ...envelopeOf(request),
        body: { tag, ...request.body },
      });
      return { scans: [...scans], receipt };
    },
  );

  app.get(
    "/sites/:site/quarantine",
    {
      schema: {
        operationId: "listQuarantine",
        tags: ["Scans"],
        summary: "Scans that wait until their tags are commissioned, in the order of their tags",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...QuarantineFilter.properties }),
        response: { 200: { ...recordListOf(QuarantinedScan), examples: [example] }, ...problems(404) },
      },
    },
    async ({ params, query: { limit = pageDefault, cursor, ...filter } }) => {
      await sites.check(params.site);
      const asked = { ...params, limit, cursor: openCursor(cursor), ...said(filter) };
      const { scans, next, ...at } = await inquire(bus, AskQuarantine, asked);
      return { data: scans, nextCursor: sealCursor(next), ...positionIn(at) };
    },
  );
};
