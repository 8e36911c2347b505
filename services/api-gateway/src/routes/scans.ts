import { AskReceipt, type By, ClientId, Fault, Receipt, RecordScans, SiteId } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { sendCommands } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { byOf, isDeviceOf, refuseOthersScans } from "../edge/principal.ts";
import { inquire } from "../edge/questions.ts";
import { slicesOf } from "../edge/slices.ts";
import { problems, SiteParams } from "./schema.ts";

const tags = ["Scans"];
export const scansBodyBytesMax = 4 * 2 ** 20;

/** A person scans in a browser, which goes by a name of its own: both are told. */
const scannedBy = (request: FastifyRequest, device: string | undefined): By => {
  const principal = principalOf(request);
  const isBrowser = principal.via === "session" && device !== undefined && isDeviceOf(principal, device);
  return { ...byOf(principal), ...(isBrowser ? { device } : {}) };
};

export const scans = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/scans",
    {
      bodyLimit: scansBodyBytesMax,
      schema: {
        operationId: "recordScans",
        tags,
        summary: "Hand in scans; each is known by its own id, so a repeat gets the stored receipts",
        description:
          "`device` says whose count the numbers (`seq`) of the scans are, and which life of it made them: the caller itself, by the name of its key or of the browser (browser-…) in which somebody is signed in, or, for the scans of its rescue file, any browser. Who names another device with a key of its own is refused with 403 `device_not_yours`, and nothing is recorded. A receipt with the code `session_closed` or `id_reused`, or with the flag `session_closed`, says that the scan is none of its session's.",
        params: SiteParams,
        body: RecordScans,
        response: {
          200: Type.Object({ receipts: Type.Array(Receipt) }, { description: "receipts in the order sent" }),
          ...problems(403, 404),
        },
      },
    },
    async (request) => {
      const { site } = request.params;
      refuseOthersScans(principalOf(request), request.body.device);
      const { scans: all, ...sent } = request.body;
      const slices = slicesOf(all);
      const answers = await sendCommands<"scans.record">(
        bus,
        site,
        slices.map((scans) => ({
          kind: "scans.record",
          ...envelopeOf(request),
          by: scannedBy(request, sent.device?.id),
          body: { scans, ...sent },
        })),
      );
      return { receipts: answers.flatMap(({ receipts }) => [...receipts]) };
    },
  );

  app.get(
    "/sites/:site/scans/:id",
    {
      schema: {
        operationId: "getScanReceipt",
        tags,
        summary: "What became of a scan",
        params: Type.Object({ site: SiteId, id: ClientId }),
        response: { 200: Receipt, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { receipt } = await inquire(bus, AskReceipt, { site: params.site, id: params.id.toLowerCase() });
      if (receipt === null) throw new Fault("not_found", "no scan with this id was ever seen");
      return receipt;
    },
  );
};
