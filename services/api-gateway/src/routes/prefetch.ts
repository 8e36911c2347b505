import {
  AskPrefetch,
  AskPrefetchFigures,
  Fault,
  PrefetchReport,
  prefetchNamesMax,
  prefetchPageMax,
  prefetchTriedEvery,
  prefetchUseHours,
  ReportPrefetch,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { etagOf, IfNoneMatch, isKnownVersion, versionKnown } from "../edge/etag.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { isDeviceOf, type Principal } from "../edge/principal.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { asPage, boardPage, said } from "./board-page.ts";
import { problems, SiteParams } from "./schema.ts";

const tags = ["Devices"];
const {
  device: DeviceName,
  items,
  bytes,
  since: _since,
  cursor: _cursor,
  limit: _limit,
} = AskPrefetch.question.properties;

/** What a device calls itself by; its credential tells who that is. */
const self = "me";
const pageDefault = 500;

const Changes = boardPage(AskPrefetch.answer.properties, {
  examples: [
    {
      ...{ known: true, epoch: 1, pos: 48_211, asOf: "2026-06-12T14:03:09.120Z" },
      ...{
        device: "tablet-3",
        arm: "predicted",
        day: "2026-06-12",
        sources: ["recent", "due", "session"],
        revision: 18,
        since: 17,
        items: 412,
        bytes: 71_930,
      },
      data: [
        {
          ...{ tag: "3034F4A1B2C3D4E5F6A7B8C9", class: "chair-gold", name: "Chair, gold", status: "on_rent" },
          ...{ contract: "301877", place: "dock-1", version: 12, sources: ["due", "recent"] },
        },
        { tag: "425445000000000000001234", gone: true },
      ],
      nextCursor: null,
    },
  ],
});

const counts = {
  ...{ lookups: 640, hits: 402, hitRatio: 0.628, staleHits: 21, staleRatio: 0.052, offlineLookups: 31 },
  ...{ offlineMisses: 9, prefetched: 1_180, used: 371, precision: 0.314, wasteBytes: 141_580 },
};
const due = { lookups: 640, beyondRecents: 96, points: 0.15, prefetched: 402, used: 149, precision: 0.371 };
const Figures = Type.Object(AskPrefetchFigures.answer.properties, {
  examples: [
    {
      ...{ known: true, epoch: 1, pos: 48_211, asOf: "2026-06-12T14:03:09.120Z" },
      ...{ from: "2026-05-16", to: "2026-06-12", countedTo: { epoch: 1, pos: 48_211 } },
      arms: [{ arm: "predicted", deviceDays: 41, ...counts }],
      sources: [{ source: "due", hits: 143, ...due }],
      standings: [
        {
          ...{ source: "due", state: "earning", reason: "adds_enough", ...due },
          ...{ since: "2026-05-18T04:10:00.000Z", judgedAt: "2026-06-12T13:55:00.000Z", from: "2026-05-30" },
        },
      ],
      devices: [{ device: "tablet-3", deviceDays: 12, ...counts, sources: [] }],
      uplift: { value: 0.21, low: 0.14, high: 0.28 },
    },
  ],
});

/** The device that is meant. @throws Fault `malformed` when somebody who is no device asks for their own. */
const deviceOf = (named: string, { name, via }: Principal): string => {
  if (named !== self) return named;
  if (via !== "key") throw new Fault("malformed", `"${self}" is a device, and a person asked`);
  return name;
};

const isItself = (device: string, principal: Principal): boolean => isDeviceOf(principal, device);

/** What devices are handed ahead of their scans, and what that was worth. */
export const prefetch = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/devices/:device/prefetch",
    {
      schema: {
        operationId: "getPrefetch",
        tags,
        summary: "Items that a device is likely to scan soon, so that it can show a name without the network",
        description: `Everything, or with \`since\` what is different: items to keep, and tags to forget (\`gone\`). A \`since\` of null in the answer says that it is everything, and that what the device holds is to be forgotten. Take all pages with the same \`since\`, then remember \`revision\`; it is the ETag too. **A device that has taken all pages asks once more with that revision**, as \`since\` or If-None-Match: that is how it says that it holds it, and its scans are counted against that revision from then on. Only a device that asks for itself, with its own key, or as the browser (browser-…) in which somebody is signed in, says so; others may look at the set of any device that has scanned something of the site. The set decides nothing: what the server says of a scan is what counts. One device-day in ten is in the arm \`recents\`, and gets only what was scanned lately on the device and at its place, so that the figures can tell what predicting is worth. Which of the other sources take part, their worth at the site decides; see the figures.`,
        params: Type.Object({ site: SiteId, device: DeviceName }),
        headers: IfNoneMatch,
        querystring: Type.Object({
          since: Type.Optional(
            Type.Integer({ minimum: 0, description: "the revision that the device holds" }),
          ),
          items,
          bytes,
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: prefetchPageMax,
              description: `rows of a page, ${pageDefault} unless told`,
            }),
          ),
          cursor: Type.Optional(
            Type.String({ maxLength: 2_000, description: "the nextCursor of the page before" }),
          ),
        }),
        response: {
          200: Changes,
          304: Type.Null({ description: "the device holds this revision, by If-None-Match" }),
          ...problems(404, 409),
        },
      },
    },
    async (request, reply) => {
      const { params, query, headers } = request;
      const { since = null, limit = pageDefault, cursor, ...bounds } = query;
      await sites.check(params.site);
      const principal = principalOf(request);
      const device = deviceOf(params.device, principal);
      const holds = query.since ?? versionKnown(headers["if-none-match"]) ?? null;
      const answer = await instruct(bus, AskPrefetch, {
        ...said(bounds),
        ...(isItself(device, principal) ? { holds } : {}),
        ...{ site: params.site, device, since, limit, cursor: openCursor(cursor) },
      });
      reply.header("etag", etagOf(answer.revision));
      if (cursor === undefined && isKnownVersion(headers["if-none-match"], answer.revision))
        return reply.status(304).send(null);
      return asPage(answer);
    },
  );

  app.get(
    "/sites/:site/prefetch",
    {
      schema: {
        operationId: "getPrefetchFigures",
        tags,
        summary: "What handing devices their items ahead was worth",
        description: `Counted from the log: of the scans of devices that hold a set, how many found the item there (\`hitRatio\`), and of the items handed over, how many the device scanned within ${prefetchUseHours} hours (\`precision\`). \`uplift\` compares the arms, \`devices\` tells each by itself. \`standings\` says which sources take part, since when and by which figures: one that adds less than 3 points to the hit ratio of recents, or of whose names less than 20 % are scanned on that very device, keeps quiet but on one device-day in ${prefetchTriedEvery}, on which it is tried. \`epoch\`, \`pos\` and \`asOf\` say up to where scans were counted.`,
        params: SiteParams,
        querystring: Type.Object({
          days: AskPrefetchFigures.question.properties.days,
        }),
        response: { 200: Figures, ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      return inquire(bus, AskPrefetchFigures, { ...said(query), ...params });
    },
  );

  app.post(
    "/sites/:site/devices/:device/prefetch::report",
    {
      schema: {
        operationId: "reportPrefetch",
        tags,
        summary: "Tell how long it took from scans to names on the screen",
        description: `What only a device can know, told for itself, with its own key or as the browser in which somebody is signed in: of up to ${prefetchNamesMax} scans, how many seconds each took to a name and whether the device held the item. It goes into the histogram \`tagwire_prefetch_scan_to_name_seconds\` and nowhere else. Ids sort by time: a report that is sent again, or comes after a later one, is not counted.`,
        params: Type.Object({ site: SiteId, device: DeviceName }),
        body: Type.Object(PrefetchReport.properties, {
          additionalProperties: false,
          examples: [{ id: "019eb9a5-3f2a-7c41-9d53-6d2f8c1a7b40", names: [{ hit: true, seconds: 0.04 }] }],
        }),
        response: { 200: ReportPrefetch.answer, ...problems(404) },
      },
    },
    async (request) => {
      const { params, body: report } = request;
      await sites.check(params.site);
      const principal = principalOf(request);
      const device = deviceOf(params.device, principal);
      if (!isItself(device, principal)) throw new Fault("forbidden", "a device reports for itself");
      return instruct(bus, ReportPrefetch, { site: params.site, device, report });
    },
  );
};
