import { AskAudit, AskAudits, AskRunAudit, Audit, ClientId, Fault, SiteId } from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

const tags = ["Audits"];
const AuditParams = Type.Object({ site: SiteId, id: ClientId });

/** An audit waits a minute for a manager that is behind, and reads rows besides. */
const auditTimeoutMs = 110_000;

/** How both sides are proven to agree: what was compared, when, and what came of it. */
export const audits = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/audits",
    {
      schema: {
        operationId: "runAudit",
        tags,
        summary: "Audit a site now",
        description:
          "Compares what operations and the manager hold at one position of the log, counts a part of all rows again, checks a part of the log's chain and what belongs together. Answers when it is done; one that is under way is everybody's.",
        params: SiteParams,
        response: { 201: Audit, ...problems(404, 503) },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      await sites.check(site);
      const { name: by } = principalOf(request);
      const { audit } = await instruct(bus, AskRunAudit, { site, by }, auditTimeoutMs);
      return reply.code(201).header("location", `/api/v1/sites/${site}/audits/${audit.id}`).send(audit);
    },
  );

  app.get(
    "/sites/:site/audits",
    {
      schema: {
        operationId: "listAudits",
        tags,
        summary: "Audits of a site, newest first",
        description: "There is one every five minutes; they are kept for 90 days.",
        params: SiteParams,
        querystring: Type.Object(pageQuery),
        response: { 200: listOf(Audit), ...problems(404) },
      },
    },
    async ({ params: { site }, query }) => {
      await sites.check(site);
      const page = { limit: query.limit ?? pageDefault, cursor: openCursor(query.cursor) };
      const { audits: data, next } = await inquire(bus, AskAudits, { site, ...page });
      return { data, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/audits/:id",
    {
      schema: {
        operationId: "getAudit",
        tags,
        summary: "One audit: its tiers, how long each took, and what it found",
        params: AuditParams,
        response: { 200: Audit, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { audit } = await inquire(bus, AskAudit, params);
      if (audit === null) throw new Fault("audit_unknown", params.id);
      return audit;
    },
  );
};
