import { AskDeviceReports, AskReportDevice, DeviceReport, KeptReport } from "@tagwire/messages";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { isDeviceOf, refuseOthersDevice } from "../edge/principal.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, problems, SiteParams } from "./schema.ts";

const tags = ["Devices"];
/** Where a browser keeps who it is apart from its pages' memory, which it may clear by itself. */
const deviceCookie = "tagwire_device";
const cookieSecondsMax = 400 * 86_400;

/**
 * The name of the device that reports. A browser that had to forget everything names itself anew; the cookie, which its pages cannot
 * clear, says that it is the same device, and so what it had forgotten is missed. No right rests on it.
 */
const deviceIdOf = (request: FastifyRequest, reply: FastifyReply, said: string): string => {
  if (principalOf(request).via !== "session") return said;
  const known = request.cookies[deviceCookie];
  const id = known !== undefined && isDeviceOf(principalOf(request), known) ? known : said;
  const secure = request.protocol === "https";
  reply.setCookie(deviceCookie, id, {
    ...{ httpOnly: true, sameSite: "lax", path: "/", secure, maxAge: cookieSecondsMax },
  });
  return id;
};

/** What devices say of their own queues. */
export const deviceReports = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/device-reports",
    {
      schema: {
        operationId: "reportDevice",
        tags,
        summary: "Say what a device has made at a site, and what of it has no answer yet",
        description:
          "Sent now and then by whatever counts its scans. Audits compare it with what came: scans that are lost with a device, and the last of a count, leave no trace but this. A device reports in its own name: that of its key, or of the browser (browser-…) in which somebody is signed in; another is refused with `device_not_yours`.",
        params: SiteParams,
        body: DeviceReport,
        response: {
          200: Type.Object({
            device: Type.String({ description: "the name that the device goes by from now on" }),
            now: Type.String({ format: "date-time", description: "the server's clock" }),
          }),
          ...problems(403, 404),
        },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      refuseOthersDevice(principalOf(request), request.body.device);
      await sites.check(site);
      const id = deviceIdOf(request, reply, request.body.device.id);
      const report = { ...request.body, device: { ...request.body.device, id } };
      const at = new Date().toISOString();
      await instruct(bus, AskReportDevice, { site, person: principalOf(request).name, at, report });
      return { device: id, now: at };
    },
  );

  app.get(
    "/sites/:site/device-reports",
    {
      schema: {
        operationId: "listDeviceReports",
        tags,
        summary: "What the devices of a site last said of themselves, newest first",
        params: SiteParams,
        response: { 200: listOf(KeptReport), ...problems(404) },
      },
    },
    async ({ params: { site } }) => {
      await sites.check(site);
      const { reports } = await inquire(bus, AskDeviceReports, { site });
      return { data: reports, nextCursor: null };
    },
  );
};
