import { ask, type Bus } from "@tagwire/bus";
import {
  AskMigrationGates,
  AskSiteMigration,
  Fault,
  faultCatalogue,
  type MigrationDirection,
  type MigrationGate,
  MigrationStage,
  stageBeside,
  storableText,
  unmetGates,
} from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { Refusal } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";
import { IdempotencyHeaders, nullable, problems, SiteParams } from "./schema.ts";

const tags = ["Migration"];
const why = Type.String({ minLength: 1, maxLength: 1_000, pattern: storableText });
const AdvanceBody = Type.Object(
  {
    why: Type.Optional(why),
    force: Type.Optional(
      Type.Boolean({
        description: "go on though a gate is not met; why is asked for then, and both are kept",
      }),
    ),
  },
  { additionalProperties: false },
);
const RollbackBody = Type.Object({ why: Type.Optional(why) }, { additionalProperties: false });

const SiteMigration = Type.Object({
  ...AskSiteMigration.answer.properties,
  gates: Type.Array(AskMigrationGates.answer.properties.gates.items, {
    description: "measured now; none while nobody measures, and then none is met",
  }),
  next: nullable(MigrationStage),
  held: Type.Array(Type.String(), { description: "the gates that hold the next step" }),
});

/** Measured now. While nobody measures there are none, which holds a site as a gate that is not met does, and no way back. */
const gatesOf = async (bus: Bus, site: string, stage: MigrationStage): Promise<readonly MigrationGate[]> => {
  try {
    return (await ask(bus, AskMigrationGates, { site, stage })).gates;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return [];
    throw error;
  }
};

const textOf = (gate: MigrationGate | undefined): string =>
  gate === undefined
    ? "nobody measures it now"
    : `${gate.value ?? "not measured"} ${gate.unit}, the target is ${gate.target}${gate.why === null ? "" : `: ${gate.why}`}`;

const gateNotMet = (gates: readonly MigrationGate[]): Refusal =>
  new Refusal({
    code: "migration.gate_not_met",
    detail: faultCatalogue["migration.gate_not_met"].advice,
    errors: unmetGates(gates).map((name) => ({
      pointer: `/gates/${name}`,
      message: textOf(gates.find((gate) => gate.name === name)),
    })),
  });

/** How a site leaves the old system: step by step, by what is measured, and back by a click. */
export const migration = (app: Gateway, { bus, sites }: Edge): void => {
  const read = async (site: string): Promise<Static<typeof SiteMigration>> => {
    const standing = await inquire(bus, AskSiteMigration, { site });
    const gates = await gatesOf(bus, site, standing.stage);
    const next = stageBeside(standing.stage, "advance") ?? null;
    return { ...standing, gates: [...gates], next, held: next === null ? [] : [...unmetGates(gates)] };
  };

  const move = async (
    request: FastifyRequest,
    site: string,
    direction: MigrationDirection,
    said: Static<typeof AdvanceBody>,
  ) => {
    await sites.check(site);
    const { stage: from, gates } = await read(site);
    const command = {
      kind: "site.migrate" as const,
      ...envelopeOf(request),
      body: { from, direction, ...said, gates: [...gates] },
    };
    try {
      await sendCommand<"site.migrate">(bus, site, command);
    } catch (error) {
      if (error instanceof Fault && error.code === "migration.gate_not_met") throw gateNotMet(gates);
      throw error;
    }
    return read(site);
  };

  app.get(
    "/sites/:site/migration",
    {
      schema: {
        operationId: "getMigration",
        tags,
        summary: "How far a site has come from the old system, and what its next step waits for",
        params: SiteParams,
        response: { 200: SiteMigration, ...problems(404) },
      },
    },
    async ({ params: { site } }) => {
      await sites.check(site);
      return read(site);
    },
  );

  app.post(
    "/sites/:site/migration::advance",
    {
      schema: {
        operationId: "advanceMigration",
        tags,
        summary: "Take a site one step further from the old system",
        description:
          "The gates are measured, and the step is one event of the site's log with what was measured. A gate that is not met, or cannot be measured, refuses it with its value in errors; with force and why it is taken all the same.",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: nullable(AdvanceBody),
        response: { 200: SiteMigration, ...problems(404, 409) },
      },
    },
    (request) => move(request, request.params.site, "advance", request.body ?? {}),
  );

  app.post(
    "/sites/:site/migration::rollback",
    {
      schema: {
        operationId: "rollbackMigration",
        tags,
        summary: "Take a site one step back towards the old system",
        description:
          "It asks for no gate and for no reason, and keeps one that is given: the way back is always free.",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: nullable(RollbackBody),
        response: { 200: SiteMigration, ...problems(404, 409) },
      },
    },
    (request) => move(request, request.params.site, "rollback", request.body ?? {}),
  );
};
