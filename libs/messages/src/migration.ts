import Type, { type Static, type TSchema } from "typebox";
import { Instant, SiteId, storableText } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * How far a site has come from the old system.
 *
 *   parallel ──gates met──► switched ──gates met──► realtime      (each step one event of the site's log)
 *   parallel ◄──at any time──  switched ◄──at any time──  realtime
 *
 * `parallel`: the old scanners and ours work side by side, RFIDpro is pulled on a schedule and both are compared daily. `switched`:
 * operations is what counts, nothing is pulled by itself, and a person may still pull. `realtime`: the same without the old system in anybody's
 * way; it is a witness for history.
 */
export const migrationStages = ["parallel", "switched", "realtime"] as const;
export const MigrationStage = Type.Enum(migrationStages, {
  description: "how far the site has come from the old system",
});
export type MigrationStage = (typeof migrationStages)[number];

/** What is measured before a site goes on. */
export const migrationGates = ["agreement", "findings", "devices", "lag"] as const;
export type MigrationGateName = (typeof migrationGates)[number];

/** A gate that could not be measured has `met` null and says why; whoever counts takes it for one that is not met. */
export const MigrationGate = Type.Object({
  name: Type.Enum(migrationGates),
  met: nullable(Type.Boolean({ description: "null when it cannot be measured" })),
  needed: Type.Boolean({ description: "whether the next step waits for it" }),
  value: nullable(Type.Number()),
  target: Type.Number(),
  unit: Type.Enum(["share", "findings", "scanners", "ms"] as const),
  why: nullable(Type.String({ maxLength: 1_000, description: "what was looked at, or why it was not" })),
  asOf: nullable(Instant),
});
export type MigrationGate = Static<typeof MigrationGate>;

/** Which gates hold a site: what the next step waits for is short of its target, or unknown, or nobody has looked. */
export const unmetGates = (gates: readonly MigrationGate[]): readonly MigrationGateName[] =>
  migrationGates.filter((name) => {
    const gate = gates.find((one) => one.name === name);
    return gate === undefined || (gate.needed && gate.met !== true);
  });

export const migrationDirections = ["advance", "rollback"] as const;
export type MigrationDirection = (typeof migrationDirections)[number];

/** The stage one step on from another one, or one step back; undefined at the end. */
export const stageBeside = (
  stage: MigrationStage,
  direction: MigrationDirection,
): MigrationStage | undefined =>
  migrationStages[migrationStages.indexOf(stage) + (direction === "advance" ? 1 : -1)];

/** Whether RFIDpro may be pulled by a schedule: a person's click is another matter. */
export const mayPullOnSchedule = (stage: MigrationStage): boolean => stage === "parallel";

const why = Type.String({ maxLength: 1_000, pattern: storableText });

const MovedBody = Type.Object({
  from: MigrationStage,
  to: MigrationStage,
  why: nullable(why),
  forced: Type.Boolean({ description: "a gate was not met, and somebody went on all the same; why says it" }),
  gates: Type.Array(MigrationGate, { maxItems: migrationGates.length, description: "as they were measured" }),
});
export type MigrationMoved = Static<typeof MovedBody>;
export const MigrationMovedBody = MovedBody;

/**
 * Moves a site one step. `from` is the stage that the caller saw: where it is another one by now nothing is moved. `gates` are as they were
 * measured by whoever asks, which is never the person; a step back is not measured and has none.
 */
export const MigrateSite = Type.Object({
  from: MigrationStage,
  direction: Type.Enum(migrationDirections),
  why: Type.Optional(why),
  force: Type.Optional(Type.Boolean()),
  gates: MovedBody.properties.gates,
});
export type MigrateSite = Static<typeof MigrateSite>;

/** One step as the log tells it. */
export const MigrationStep = Type.Object({
  ...MovedBody.properties,
  at: Instant,
  by: By,
  epoch: Type.Integer(),
  pos: Type.Integer(),
});
export type MigrationStep = Static<typeof MigrationStep>;

/** So many steps are told, the newest first: a site takes two, and some back. */
export const migrationStepsMax = 50;

/** Where a site stands, and how it came there. */
export const AskSiteMigration = question({
  service: "operations",
  name: "site-migration",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({
    stage: MigrationStage,
    since: Instant,
    by: nullable(By),
    history: Type.Array(MigrationStep),
  }),
});

/** The gates of the next step from a stage, measured now. */
export const AskMigrationGates = question({
  service: "rfidpro-backup",
  name: "migration-gates",
  question: Type.Object({ site: SiteId, stage: MigrationStage }),
  answer: Type.Object({ gates: Type.Array(MigrationGate) }),
});

/** How well RFIDpro and the record agreed on each day on which they were compared, in the site's own days. */
export const AskRfidproAgreement = question({
  service: "rfidpro-backup",
  name: "agreement",
  question: Type.Object({
    site: SiteId,
    timeZone: Type.String({ maxLength: 64, description: "whose days" }),
    days: Type.Integer({ minimum: 1, maximum: 90, description: "how many, today included" }),
  }),
  answer: Type.Object({
    days: Type.Array(
      Type.Object({
        day: Type.String({ description: "YYYY-MM-DD" }),
        runs: Type.Integer({ description: "complete ones that were compared" }),
        worst: nullable(Type.Number({ description: "the least agreement among them" })),
      }),
      { description: "oldest first; days without a run, too" },
    ),
  }),
});
