import {
  ActOnFindingBody,
  AskActOnFinding,
  AskFinding,
  AskFindings,
  ClientId,
  Fault,
  Finding,
  type FindingAct,
  FindingDetail,
  type FindingState,
  findingActs,
  findingCodes,
  findingStates,
  HealedFinding,
  HealFindingBody,
  SiteId,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { askerOf, type Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, nullable, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

const tags = ["Findings"];
const FindingParams = Type.Object({ site: SiteId, id: ClientId });
const wordsMax = 400;

/** What narrows findings down: words with commas between them. */
export const FindingsFilter = Type.Object({
  state: Type.Optional(Type.String({ maxLength: wordsMax, description: `of ${findingStates.join(", ")}` })),
  code: Type.Optional(Type.String({ maxLength: wordsMax, description: `of ${findingCodes.join(", ")}` })),
});

const wordsOf = <T extends string>(
  given: string | undefined,
  known: readonly T[],
  name: string,
): T[] | undefined =>
  given?.split(",").map((text) => {
    const word = known.find((one) => one === text.trim());
    if (word === undefined) throw new Fault("malformed", `${name}: ${text} is none of ${known.join(", ")}`);
    return word;
  });

/** What a filter comes to. @throws Fault `malformed` for a word that means nothing there */
export const findingsWanted = (query: { readonly state?: string; readonly code?: string }) => {
  const states: FindingState[] | undefined = wordsOf(query.state, findingStates, "state");
  const codes: string[] | undefined = wordsOf(query.code, findingCodes, "code");
  return { ...(states === undefined ? {} : { states }), ...(codes === undefined ? {} : { codes }) };
};

const summaries: Readonly<Record<FindingAct, string>> = {
  acknowledge: "Take a finding up: it has an owner from now on, and a time by which it is due",
  review: "Say that somebody looks into it",
  resolve: "Say how it was resolved; a critical one is resolved when a second person says so, too",
  close: "Put a finding away that is over",
  reopen: "Open a finding again",
  heal: "Apply the remedy of a finding: make the manager's rows anew from the log, count rows anew, or set an item back by an ordinary edit",
};
const healed =
  "The next audits prove whether that helped. With preview, nothing is changed and the answer says what would be done: healing, with how " +
  "many events are applied anew, what was kept of rows and what they come to, or each field with what it is and what it becomes. A " +
  "critical finding is proposed to be healed first, and healed when a second person does the same.";

// The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
const verbPath = (act: FindingAct) => `/sites/:site/findings/:id(^[0-9a-fA-F-]+)::${act}`;

/** What audits have found, and what people do about it. */
export const findings = (app: Gateway, { bus, sites }: Edge): void => {
  app.get(
    "/sites/:site/findings",
    {
      schema: {
        operationId: "listFindings",
        tags,
        summary: "Findings of a site, those that were seen last first",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...FindingsFilter.properties }),
        response: { 200: listOf(Finding), ...problems(404) },
      },
    },
    async ({ params: { site }, query }) => {
      await sites.check(site);
      const page = { limit: query.limit ?? pageDefault, cursor: openCursor(query.cursor) };
      const { findings: data, next } = await inquire(bus, AskFindings, {
        ...{ site, ...page },
        ...findingsWanted(query),
      });
      return { data, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/findings/:id",
    {
      schema: {
        operationId: "getFinding",
        tags,
        summary: "One finding, with rows of both sides and its history",
        params: FindingParams,
        response: { 200: FindingDetail, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { finding } = await inquire(bus, AskFinding, params);
      if (finding === null) throw new Fault("finding_unknown", params.id);
      return finding;
    },
  );

  app.post(
    verbPath("heal"),
    {
      schema: {
        operationId: "healFinding",
        tags,
        summary: summaries.heal,
        description: healed,
        params: FindingParams,
        body: nullable(HealFindingBody),
        response: { 200: HealedFinding, ...problems(404, 409, 412) },
      },
    },
    async (request) => {
      const { params, body, traceparent } = request;
      await sites.check(params.site);
      const by = { by: principalOf(request).name, asker: askerOf(request), traceparent };
      const asked = { ...params, act: "heal" as const, ...by, ...(body ?? {}) };
      const say = body?.preview === true ? inquire : instruct;
      const { finding, healing } = await say(bus, AskActOnFinding, asked);
      if (healing === undefined) throw new Fault("internal", "healed without saying how");
      return { ...finding, healing };
    },
  );

  for (const act of findingActs.filter((one) => one !== "heal"))
    app.post(
      verbPath(act),
      {
        schema: {
          operationId: `${act}Finding`,
          tags,
          summary: summaries[act],
          params: FindingParams,
          body: nullable(ActOnFindingBody),
          response: { 200: Finding, ...problems(404, 409) },
        },
      },
      async (request) => {
        const { params, body } = request;
        await sites.check(params.site);
        const done = { ...params, act, by: principalOf(request).name, ...(body ?? {}) };
        return (await instruct(bus, AskActOnFinding, done)).finding;
      },
    );
};
