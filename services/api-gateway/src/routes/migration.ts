import { ask, type Bus } from "@tagwire/bus";
import {
  AskMigrationGates,
  AskSiteMigration,
  type Command,
  Fault,
  faultCatalogue,
  type MigrationGate,
  MigrationStage,
  migrationStages,
  migrationStepsMax,
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
const from = Type.Enum(migrationStages, {
  description:
    "the stage that the caller saw: where it is another one by now nothing is moved, so two people who press at once take one step",
});
const AdvanceBody = Type.Object(
  {
    from,
    why: Type.Optional(why),
    force: Type.Optional(
      Type.Boolean({
        description: "go on though a gate is not met; why is asked for then, and both are kept",
      }),
    ),
  },
  { additionalProperties: false },
);
const RollbackBody = Type.Object({ from, why: Type.Optional(why) }, { additionalProperties: false });

const SiteMigration = Type.Object({
  ...AskSiteMigration.answer.properties,
  gates: Type.Array(AskMigrationGates.answer.properties.gates.items, {
    description:
      "measured now; none while nobody measures, and in the answer of a step back, which waits for nobody: then none is met",
  }),
  history: Type.Array(AskSiteMigration.answer.properties.history.items, {
    description: `the newest ${migrationStepsMax} steps, the newest first; the log of the site has all of them`,
  }),
  next: nullable(MigrationStage),
  held: Type.Array(Type.String(), { description: "the gates that hold the next step" }),
});

/** Whoever measures waits five seconds for each who is asked, all at once, and then tells what there is: so long we wait for all of it. */
const gatesTimeoutMs = 15_000;

/** Measured now. While nobody measures there are none, which holds a site as a gate that is not met does, and no way back. */
const gatesOf = async (bus: Bus, site: string, stage: MigrationStage): Promise<readonly MigrationGate[]> => {
  try {
    return (await ask(bus, AskMigrationGates, { site, stage }, { timeoutMs: gatesTimeoutMs })).gates;
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
  const standingOf = (site: string) => inquire(bus, AskSiteMigration, { site });
  const told = (
    standing: Static<typeof AskSiteMigration.answer>,
    gates: readonly MigrationGate[],
  ): Static<typeof SiteMigration> => {
    const next = stageBeside(standing.stage, "advance") ?? null;
    return { ...standing, gates: [...gates], next, held: next === null ? [] : [...unmetGates(gates)] };
  };
  const read = async (site: string) => {
    const standing = await standingOf(site);
    return told(standing, await gatesOf(bus, site, standing.stage));
  };
  const move = (
    request: FastifyRequest,
    site: string,
    body: Extract<Command, { kind: "site.migrate" }>["body"],
  ) => sendCommand<"site.migrate">(bus, site, { kind: "site.migrate", ...envelopeOf(request), body });

  const advance = async (request: FastifyRequest, site: string, said: Static<typeof AdvanceBody>) => {
    await sites.check(site);
    const gates = await gatesOf(bus, site, said.from);
    try {
      await move(request, site, { ...said, direction: "advance", gates: [...gates] });
    } catch (error) {
      if (error instanceof Fault && error.code === "migration.gate_not_met") throw gateNotMet(gates);
      throw error;
    }
    return read(site);
  };

  /** Whoever goes back needs it now: nothing is measured, neither before the step nor for its answer. */
  const rollback = async (request: FastifyRequest, site: string, said: Static<typeof RollbackBody>) => {
    await sites.check(site);
    await move(request, site, { ...said, direction: "rollback", gates: [] });
    return told(await standingOf(site), []);
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
          "The gates are measured, and the step is one event of the site's log with what was measured. A gate that is not met, or cannot be measured, refuses it with its value in errors; with force and why it is taken all the same. A site that is no longer at `from` is not moved (migration.stage_moved).",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: AdvanceBody,
        response: { 200: SiteMigration, ...problems(404, 409) },
      },
    },
    (request) => advance(request, request.params.site, request.body),
  );

  app.post(
    "/sites/:site/migration::rollback",
    {
      schema: {
        operationId: "rollbackMigration",
        tags,
        summary: "Take a site one step back towards the old system",
        description:
          "It asks for no gate and for no reason, and keeps one that is given: the way back is always free, and waits for nobody who measures, so its answer has no gates. A site that is no longer at `from` is not moved (migration.stage_moved).",
        params: SiteParams,
        headers: IdempotencyHeaders,
        body: RollbackBody,
        response: { 200: SiteMigration, ...problems(404, 409) },
      },
    },
    (request) => rollback(request, request.params.site, request.body),
  );
};
