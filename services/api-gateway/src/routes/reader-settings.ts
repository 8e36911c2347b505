import {
  AskTakeReaderSettings,
  type By,
  Fault,
  faultCatalogue,
  type SettingsOutcome,
  settingsOutcomes,
  settingsRowsMax,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import { askerOf, type Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { waitPatiently } from "../edge/patience.ts";
import { complaintOf } from "../edge/problem.ts";
import { instruct } from "../edge/questions.ts";
import { validatorCompiler } from "../edge/validation.ts";
import { type SettingsRow, settingsRows } from "../transfer/settings-rows.ts";
import { problems, SiteParams } from "./schema.ts";

const linesType = "application/x-ndjson";
const fileTypes = ["application/json", linesType];
const fileBytesMax = 4 * 2 ** 20;

const RowOutcome = Type.Object({
  row: Type.Integer(),
  reader: Type.Union([Type.String(), Type.Null()], { description: "null where the row names none" }),
  outcome: Type.Enum([...settingsOutcomes, "rejected"] as const),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
});
type RowOutcome = Static<typeof RowOutcome>;

const counts = Object.fromEntries(
  (["created", "changed", "unchanged", "rejected"] as const).map((name) => [name, Type.Integer()]),
) as Record<SettingsOutcome | "rejected", ReturnType<typeof Type.Integer>>;

const SettingsAnswer = Type.Object({
  dryRun: Type.Boolean(),
  rows: Type.Array(RowOutcome),
  summary: Type.Object({ rows: Type.Integer(), ...counts }),
});

const description = `The file has the settings of a reader in each row, as \`readers/settings:export\` gives them: a list in JSON, or NDJSON. The answer
says of each row, in their order, whether the reader was created, changed, left unchanged, or why the row was rejected; the next row is taken all the same.

What a row does not say is not touched, and null takes away what may be absent. Files that were taken out have no passwords: a login stays
as it is where neither driver nor address changes, and is given in the row, or set afterwards, where one is wanted. A reader that is new starts at once. The same file may be sent again.`;

const rejected = ({ row, reader }: SettingsRow, error: unknown): RowOutcome => {
  const { code, detail } = complaintOf(error);
  return { row, reader, outcome: "rejected", code, message: detail };
};

/** Something that the rows after it would meet as well. */
const isOfAll = (error: unknown): boolean => error instanceof Fault && faultCatalogue[error.code].retryable;

/** Takes one row after the other. What is away is not asked for again with each row: the rest is rejected for the same reason. */
const takeRows = async (
  { bus }: Edge,
  rows: readonly SettingsRow[],
  asked: { readonly site: string; readonly by: By; readonly dryRun: boolean },
): Promise<RowOutcome[]> => {
  const outcomes: RowOutcome[] = [];
  let broken: unknown;
  for (const one of rows) {
    const { row, reader } = one;
    if (!("settings" in one)) {
      outcomes.push({ row, reader, outcome: "rejected", code: one.code, message: one.message });
      continue;
    }
    try {
      if (broken !== undefined) throw broken;
      const { outcome } = await instruct(bus, AskTakeReaderSettings, { ...asked, row: one.settings });
      outcomes.push({ row, reader, outcome });
    } catch (error) {
      if (isOfAll(error)) broken = error;
      outcomes.push(rejected(one, error));
    }
  }
  return outcomes;
};

/** `POST /sites/{site}/readers:import`: settings of a fleet from a file, row by row. */
export const readerSettings = (app: Gateway, edge: Edge): void => {
  // The route takes files, which are read row by row: a scope keeps that from all others.
  app.register(async (scope: Gateway) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(fileTypes, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post(
      "/sites/:site/readers::import",
      {
        bodyLimit: fileBytesMax,
        validatorCompiler: (route) =>
          route.httpPart === "body" ? (value: unknown) => ({ value }) : validatorCompiler(route),
        schema: {
          operationId: "importReaderSettings",
          tags: ["Readers"],
          summary: "Take the settings of readers from a file, JSON or NDJSON, row by row",
          description,
          params: SiteParams,
          querystring: Type.Object({
            dryRun: Type.Optional(
              Type.Boolean({
                default: false,
                description: "say what would become of each row, and change nothing",
              }),
            ),
          }),
          body: {
            content: Object.fromEntries(fileTypes.map((type) => [type, { schema: Type.String() }])),
          } as unknown as TSchema,
          response: { 200: SettingsAnswer, ...problems(404, 413, 415) },
        },
      },
      async (request) => {
        const { site } = request.params;
        const { dryRun = false } = request.query;
        await edge.sites.check(site);
        if (!Buffer.isBuffer(request.body)) throw new Fault("malformed", "there is no file in the request");
        const isLines = request.headers["content-type"]?.startsWith(linesType) === true;
        const rows = await settingsRows(request.body, isLines);
        if (rows.length > settingsRowsMax) throw new Fault("too_large", `at most ${settingsRowsMax} rows`);
        const hurry = waitPatiently(request.raw.socket);
        try {
          const outcomes = await takeRows(edge, rows, { site, by: askerOf(request), dryRun });
          const summary = { rows: rows.length, created: 0, changed: 0, unchanged: 0, rejected: 0 };
          for (const { outcome } of outcomes) summary[outcome] += 1;
          return { dryRun, rows: outcomes, summary };
        } finally {
          hurry();
        }
      },
    );
  });
};
