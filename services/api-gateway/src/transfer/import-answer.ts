import type { Readable } from "node:stream";
import { ImportOutcome } from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { Problem } from "../edge/problem.ts";
import { openSpool } from "./spool.ts";

/** What became of one row; rows count from 1, after the header of a CSV. */
export const RowOutcome = Type.Object({ row: Type.Integer(), ...ImportOutcome.properties });
export type RowOutcome = Static<typeof RowOutcome>;

export const ImportSummary = Type.Object({
  rows: Type.Integer({ description: "rows that were answered; those after them were not looked at" }),
  created: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  rejected: Type.Integer(),
  warnings: Type.Array(Type.String()),
});
export type ImportSummary = Static<typeof ImportSummary>;

export const ImportAnswer = Type.Object({
  dryRun: Type.Boolean(),
  rows: Type.Array(RowOutcome),
  summary: ImportSummary,
  error: Type.Optional(
    Type.Object(Problem.properties, { description: "why the import ended before the end of the file" }),
  ),
});

export const importAnswerTypes = { ndjson: "application/x-ndjson", json: "application/json" } as const;
export type ImportAnswerFormat = keyof typeof importAnswerTypes;

export type AnswerWriter = {
  readonly readable: Readable;
  readonly write: (outcomes: readonly RowOutcome[]) => Promise<void>;
  readonly end: (ending: { summary: ImportSummary; error?: Problem }) => Promise<void>;
};

/**
 * Writes what became of the rows, while they are decided: a line for each, or one JSON document whose rows come first. The last thing
 * written is the summary; with an `error` beside it the import ended early.
 */
export const openImportAnswer = (format: ImportAnswerFormat, dryRun: boolean): AnswerWriter => {
  const spool = openSpool();
  let isFirst = true;
  const begin = () => {
    const opening = isFirst && format === "json" ? `{"dryRun":${dryRun},"rows":[` : "";
    isFirst = false;
    return opening;
  };
  return {
    readable: spool.readable,
    write: async (outcomes) => {
      if (outcomes.length === 0) return;
      const comma = isFirst ? "" : ",\n";
      const texts = outcomes.map((outcome) => JSON.stringify(outcome));
      await spool.write(
        format === "json" ? `${begin()}${comma}${texts.join(",\n")}` : `${begin()}${texts.join("\n")}\n`,
      );
    },
    end: async ({ summary, error }) => {
      const members = { summary, ...(error === undefined ? {} : { error }) };
      const text = JSON.stringify(format === "json" ? members : { dryRun, ...members });
      await spool.write(format === "json" ? `${begin()}],${text.slice(1)}\n` : `${text}\n`);
      spool.end();
    },
  };
};
