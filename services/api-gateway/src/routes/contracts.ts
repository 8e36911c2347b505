import {
  AmendContract,
  AskContract,
  AskContractEvents,
  AskContractMembers,
  AskContracts,
  type Contract,
  type ContractAct,
  ContractKind,
  ContractMember,
  ContractNumber,
  ContractView,
  contractActs,
  contractStates,
  contractView,
  Fault,
  LoggedEvent,
  MergeContract,
  memberStates,
  OpenContract,
  Receipt,
  RecordLot,
  SiteId,
  storableText,
} from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import { etagOf, IfMatch, versionsWanted } from "../edge/etag.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import {
  IdempotencyHeaders,
  pageDefault,
  pageQuery,
  positionIn,
  problems,
  recordListOf,
  SiteParams,
} from "./schema.ts";

const tags = ["Contracts"];
export const ContractParams = Type.Object({ site: SiteId, number: ContractNumber });

/** What a contract became of a command, and what the command was answered with. */
const ContractAnswer = Type.Object({ contract: ContractView, receipt: Receipt });

/** What narrows contracts down, in a list and in a file. */
export const ContractsFilter = Type.Object({
  kind: Type.Optional(ContractKind),
  state: Type.Optional(Type.Enum(contractStates)),
  q: Type.Optional(
    Type.String({ maxLength: 100, pattern: storableText, description: "part of a number or client" }),
  ),
});

/** The filter as operations takes it. */
export const contractsWanted = ({ kind, state, q }: Static<typeof ContractsFilter>) => ({
  ...(kind === undefined ? {} : { kind }),
  ...(state === undefined ? {} : { state: [state] }),
  ...(q === undefined || q === "" ? {} : { q }),
});

export const MembersFilter = Type.Object({ state: Type.Optional(Type.Enum(memberStates)) });

const viewed = (contract: Contract | null, number: string) => {
  if (contract === null) throw new Fault("contract_unknown", number);
  return contractView(contract);
};

export const contracts = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;

  app.post(
    "/sites/:site/contracts",
    {
      schema: {
        operationId: "openContract",
        tags,
        summary: "State a contract: what goes out, to whom and when; scans may have named it before",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: OpenContract,
        response: { 200: ContractView, 201: ContractView, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      const { contract, receipt } = await sendCommand<"contract.open">(bus, site, {
        kind: "contract.open",
        ...envelopeOf(request),
        body: request.body,
      });
      const view = viewed(contract, request.body.number);
      return reply
        .status(receipt.outcome === "already_applied" ? 200 : 201)
        .header("location", `/api/v1/sites/${site}/contracts/${encodeURIComponent(view.number)}`)
        .header("etag", etagOf(view.version))
        .send(view);
    },
  );

  app.get(
    "/sites/:site/contracts",
    {
      schema: {
        operationId: "listContracts",
        tags,
        summary: "Contracts of a site, by number",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...ContractsFilter.properties }),
        response: { 200: recordListOf(ContractView), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor, ...filter } = query;
      const answer = await inquire(bus, AskContracts, {
        site: params.site,
        limit,
        cursor: openCursor(cursor),
        ...contractsWanted(filter),
      });
      return {
        data: answer.contracts.map(contractView),
        nextCursor: sealCursor(answer.next),
        ...positionIn(answer),
      };
    },
  );

  app.get(
    "/sites/:site/contracts/:number",
    {
      schema: {
        operationId: "getContract",
        tags,
        summary: "One contract with the progress of each line",
        params: ContractParams,
        response: { 200: ContractView, ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      await sites.check(params.site);
      const { contract } = await inquire(bus, AskContract, params);
      const view = viewed(contract, params.number);
      return reply.header("etag", etagOf(view.version)).send(view);
    },
  );

  app.patch(
    "/sites/:site/contracts/:number",
    {
      schema: {
        operationId: "amendContract",
        tags,
        summary: "State client, dates or lines anew",
        params: ContractParams,
        headers: Type.Object({ ...IfMatch.properties, ...IdempotencyHeaders.properties }),
        body: AmendContract,
        response: { 200: ContractAnswer, ...problems(404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const { site, number } = request.params;
      const versions = versionsWanted(request.headers["if-match"]);
      const { contract, receipt } = await sendCommand<"contract.amend">(bus, site, {
        kind: "contract.amend",
        ...envelopeOf(request),
        body: { number, ...versions, amend: request.body },
      });
      const view = viewed(contract, number);
      return reply.header("etag", etagOf(view.version)).send({ contract: view, receipt });
    },
  );

  app.get(
    "/sites/:site/contracts/:number/items",
    {
      schema: {
        operationId: "listContractItems",
        tags,
        summary: "What is on a contract, item by item, of its own record",
        params: ContractParams,
        querystring: Type.Object({ ...pageQuery, ...MembersFilter.properties }),
        response: { 200: recordListOf(ContractMember), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor, state } = query;
      const answer = await inquire(bus, AskContractMembers, {
        ...params,
        limit,
        cursor: openCursor(cursor),
        ...(state === undefined ? {} : { state: [state] }),
      });
      return { data: answer.members, nextCursor: sealCursor(answer.next), ...positionIn(answer) };
    },
  );

  app.get(
    "/sites/:site/contracts/:number/events",
    {
      schema: {
        operationId: "listContractEvents",
        tags,
        summary: "What happened to a contract and to things on it, newest first",
        description:
          "The events under the contract's number and under those of the contracts that were merged into it, each with the number it was said of; and those of other contracts that moved something on it, such as a rental elsewhere of a thing whose return nobody recorded.",
        params: ContractParams,
        querystring: Type.Object(pageQuery),
        response: { 200: recordListOf(LoggedEvent), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor } = query;
      const asked = { ...params, limit, cursor: openCursor(cursor) };
      const answer = await inquire(bus, AskContractEvents, asked);
      return { data: answer.events, nextCursor: sealCursor(answer.next), ...positionIn(answer) };
    },
  );

  app.post(
    "/sites/:site/contracts/:number/lots",
    {
      schema: {
        operationId: "recordLot",
        tags,
        summary: "Count goods without tags by hand, onto a contract or off it; the id makes a repeat safe",
        params: ContractParams,
        body: RecordLot,
        response: { 200: ContractAnswer, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, number } = request.params;
      const { contract, receipt } = await sendCommand<"lot.record">(bus, site, {
        kind: "lot.record",
        ...envelopeOf(request),
        body: { number, lot: request.body },
      });
      return { contract: viewed(contract, number), receipt };
    },
  );

  app.post(
    "/sites/:site/contracts/:number(^[^:]+)::merge",
    {
      schema: {
        operationId: "mergeContract",
        tags,
        summary: "Make a contract that was written by hand the real one; its history is kept",
        params: ContractParams,
        headers: IdempotencyHeaders,
        body: MergeContract,
        response: { 200: ContractAnswer, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, number } = request.params;
      const { contract, receipt } = await sendCommand<"contract.merge">(bus, site, {
        kind: "contract.merge",
        ...envelopeOf(request),
        body: { number, into: request.body.into },
      });
      return { contract: viewed(contract, number), receipt };
    },
  );

  for (const act of contractActs) contractVerb(app, edge, act);
};

const verbs: Readonly<Record<ContractAct, { readonly operationId: string; readonly summary: string }>> = {
  close: { operationId: "closeContract", summary: "Close a contract; what is still out may still come back" },
  reopen: { operationId: "reopenContract", summary: "Open a closed contract again" },
  finalize: { operationId: "finalizeContract", summary: "The pre-wash count is done and the cleaner has it" },
  returned: { operationId: "returnContract", summary: "The cleaner brought the laundry back" },
  reactivate: { operationId: "reactivateContract", summary: "Send a laundry contract out again" },
};

// The expression ends the parameter before the verb: without it the router takes the colon as part of the number.
const contractVerb = (app: Gateway, { bus }: Edge, act: ContractAct): void => {
  app.post(
    `/sites/:site/contracts/:number(^[^:]+)::${act}`,
    {
      schema: {
        ...verbs[act],
        tags,
        params: ContractParams,
        headers: IdempotencyHeaders,
        response: { 200: ContractAnswer, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site, number } = request.params;
      const { contract, receipt } = await sendCommand<"contract.act">(bus, site, {
        kind: "contract.act",
        ...envelopeOf(request),
        body: { number, act },
      });
      return { contract: viewed(contract, number), receipt };
    },
  );
};
