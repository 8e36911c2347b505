import { createHash } from "node:crypto";
import {
  AskContract,
  AskContractMembers,
  ContractNumber,
  ContractView,
  contractView,
  Fault,
  futureToleranceMs,
  type MemberState,
  Receipt,
  type Scan,
  SiteId,
  StateTrip,
  scansPerRequestMax,
  TripLeg,
  tripWords,
} from "@tagwire/messages";
import Type from "typebox";
import { sendCommand, sendCommands } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire } from "../edge/questions.ts";
import { slicesOf } from "../edge/slices.ts";
import { IdempotencyHeaders, problems } from "./schema.ts";

const Params = Type.Object({ site: SiteId, number: ContractNumber, leg: TripLeg });
const Body = Type.Object(
  {
    ...StateTrip.properties,
    items: Type.Optional(
      Type.Boolean({
        description:
          "with delivered or picked_up: a scan of that kind is recorded for each thing that is staged for the contract or out on it, as if it was scanned then",
      }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);
const Stated = Type.Object({
  contract: ContractView,
  receipt: Receipt,
  receipts: Type.Array(Receipt, { description: "of the scans, where things were moved with it" }),
});

/** Members of one page of what is on a contract. */
const pageMax = 1_000;

/** What a trip takes along: everything that is to leave or is there already, and on the way back what is out. */
const movedStates: Readonly<Record<TripLeg, readonly MemberState[]>> = {
  delivery: ["staged", "out"],
  pickup: ["out"],
};

/** The id of a thing's scan that a trip stands for: the same for a repeat of the same request. */
const scanIdOf = (command: string, tag: string): string => {
  const hex = createHash("sha256").update(`${command} ${tag}`).digest("hex");
  // Version 8 of RFC 9562: made by a rule of our own, and never the id of a device.
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** @throws Fault `malformed`: what has arrived did so before it is told, as far as clocks agree. */
const refuseFuture = (actualAt: string | null | undefined, receivedAt: string): void => {
  if (actualAt != null && Date.parse(actualAt) > Date.parse(receivedAt) + futureToleranceMs)
    throw new Fault("malformed", "actualAt lies in the future");
};

/** How a contract is brought and fetched. */
export const trips = (app: Gateway, { bus, sites }: Edge): void => {
  /** The number under which the things of a contract stand: another one where it was merged. */
  const numberNow = async (site: string, number: string): Promise<string> =>
    (await inquire(bus, AskContract, { site, number })).contract?.mergedInto ?? number;

  const membersOf = async (site: string, number: string, leg: TripLeg): Promise<string[]> => {
    const tags: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { members: readonly { tag: string }[]; next: string | null } = await inquire(
        bus,
        AskContractMembers,
        { site, number, limit: pageMax, cursor, state: [...movedStates[leg]] },
      );
      tags.push(...page.members.map(({ tag }) => tag));
      cursor = page.next;
    } while (cursor !== null && tags.length <= scansPerRequestMax);
    if (tags.length > scansPerRequestMax) throw new Fault("too_large", `${tags.length} things and more`);
    return tags;
  };

  app.put(
    "/sites/:site/contracts/:number/trips/:leg",
    {
      schema: {
        operationId: "stateTrip",
        tags: ["Contracts"],
        summary: "State how a contract is brought or fetched: promise, truck, trip, and how far it is",
        description:
          "What is not named stays as it was. delivery is scheduled, out_for_delivery, delivered, failed or rescheduled; pickup is scheduled, out_for_pickup, picked_up, failed or rescheduled, each a promise anew. What has arrived stays so and is taken back by undo. With items the things go along, each by a scan of its own; of more than one request of scans may hold, nothing is stated (413). An actualAt in the future is refused.",
        params: Params,
        headers: IdempotencyHeaders,
        body: Body,
        response: { 200: Stated, ...problems(404, 409, 413) },
      },
    },
    async (request) => {
      const { site, number, leg } = request.params;
      await sites.check(site);
      const { items = false, ...state } = request.body;
      if (items && state.status !== tripWords[leg].done)
        throw new Fault("malformed", `items go along when the ${leg} is ${tripWords[leg].done}`);
      const envelope = envelopeOf(request);
      refuseFuture(state.actualAt, envelope.receivedAt);
      // Counted before anything is stated: what is refused as too much has left nothing.
      const tags = items ? await membersOf(site, await numberNow(site, number), leg) : [];
      const { contract, receipt } = await sendCommand<"contract.trip">(bus, site, {
        kind: "contract.trip",
        ...envelope,
        body: { number, leg, state },
      });
      if (contract === null) throw new Fault("contract_unknown", number);
      if (tags.length === 0) return { contract: contractView(contract), receipt, receipts: [] };
      const scannedAt = contract.trips?.[leg]?.actualAt ?? envelope.receivedAt;
      const scans = tags.map((tag): Scan => {
        const id = scanIdOf(envelope.id, tag);
        return { id, tag, type: leg, scannedAt, contract: contract.number };
      });
      const answers = await sendCommands<"scans.record">(
        bus,
        site,
        slicesOf(scans).map((slice) => ({ kind: "scans.record", ...envelope, body: { scans: slice } })),
      );
      const receipts = answers.flatMap((answer) => [...answer.receipts]);
      return { contract: contractView(contract), receipt, receipts };
    },
  );
};
