import {
  AskDeviceLedgers,
  AskHeads,
  AskManagerBarrier,
  AskParked,
  DeviceLedger,
  Fault,
  Heads,
  newId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { nullable, pageQuery, positionIn, problems, recordListOf, SiteParams } from "./schema.ts";

const SiteHeads = Type.Object({
  ...Heads.properties,
  applied: nullable(
    Type.Integer({
      description: "the last event that the manager has applied; null while it does not answer",
    }),
  ),
  putAside: nullable(Type.Integer({ description: "events that the manager could not apply" })),
});

/** What became of everything that came in, on its whole way: by device, and from the record to the manager. */
export const ledgers = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/device-ledgers",
    {
      schema: {
        operationId: "listDeviceLedgers",
        tags: ["Devices"],
        summary: "What became of the scans of each device",
        description:
          "Of a device that counts its scans (`seq`) also those that never came, and of one that says when it sends (`sentAt`) how far its clock is off. Readers have ledgers of their own.",
        params: SiteParams,
        querystring: Type.Object({ cursor: pageQuery.cursor }),
        response: { 200: recordListOf(DeviceLedger), ...problems(404) },
      },
    },
    async ({ params: { site }, query }) => {
      await sites.check(site);
      const page = await inquire(bus, AskDeviceLedgers, { site, cursor: openCursor(query.cursor) });
      return { data: page.ledgers, nextCursor: sealCursor(page.next), ...positionIn(page) };
    },
  );

  app.get(
    "/sites/:site/heads",
    {
      schema: {
        operationId: "getHeads",
        tags: ["Audits"],
        summary: "How far the log is, and how far everybody has followed it",
        params: SiteParams,
        response: { 200: SiteHeads, ...problems(404) },
      },
    },
    async ({ params: { site } }) => {
      await sites.check(site);
      // Who asks for a barrier that nobody placed is told where the manager is.
      const [{ heads }, applied, parked] = await Promise.all([
        inquire(bus, AskHeads, { site }),
        inquire(bus, AskManagerBarrier, { site, barrier: newId() }).catch(() => undefined),
        inquire(bus, AskParked, { site }).catch(() => undefined),
      ]);
      if (heads === null) throw new Fault("site_unknown", site);
      return {
        ...heads,
        applied: applied?.epoch === heads.epoch ? applied.pos : null,
        putAside: parked?.count ?? null,
      };
    },
  );
};
