import Type, { type Static } from "typebox";
import { ClientId, Instant, storableText } from "./ids.ts";
import { ClassName, ItemStatus, Notes, PlaceName, Quality, Role } from "./items.ts";

/**
 * Rows of one `items.import` command. A row at its longest (notes of 2,000 characters) takes some 10 KiB, so whoever sends them
 * looks at the bytes as well: a command has to fit into one message.
 */
export const importRowsMax = 500;

/**
 * One row of an import: what a file says of one item. A member that is absent is not touched.
 *
 * `id` is derived from the site and the row itself, so the same file sent again is known row by row. `tag` is only bounded here: a
 * tag nobody can have is refused row by row.
 */
export const ImportRow = Type.Object(
  {
    id: ClientId,
    tag: Type.String({ maxLength: 1_024, pattern: storableText }),
    class: Type.Optional(ClassName),
    name: Type.Optional(Type.String({ maxLength: 200, pattern: storableText })),
    status: Type.Optional(ItemStatus),
    quality: Type.Optional(Quality),
    place: Type.Optional(PlaceName),
    role: Type.Optional(Role),
    notes: Type.Optional(Notes),
    /** When it was so: what is newer here stands. Absent, a row says what is so now. */
    asOf: Type.Optional(Instant),
  },
  { additionalProperties: false },
);
export type ImportRow = Static<typeof ImportRow>;

export const ImportItems = Type.Object(
  {
    /** Decide on what is known, answer, and change nothing. */
    dryRun: Type.Boolean(),
    /** Each row makes an item: one that is there already is left as it is, and the row refused. */
    onlyNew: Type.Optional(Type.Boolean()),
    rows: Type.Array(ImportRow, { minItems: 1, maxItems: importRowsMax }),
  },
  { additionalProperties: false },
);
export type ImportItems = Static<typeof ImportItems>;

export const importOutcomes = ["created", "changed", "unchanged", "rejected"] as const;

/** What became of a row. `replayed`: the same row was imported before, and nothing was done now. */
export const ImportOutcome = Type.Object({
  tag: Type.Union([Type.String(), Type.Null()], { description: "as it is known; null when it is none" }),
  outcome: Type.Enum(importOutcomes),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  replayed: Type.Optional(Type.Boolean()),
  pos: Type.Optional(
    Type.Integer({
      description: "position of the event that was said of it, by which the row is taken back",
    }),
  ),
});
export type ImportOutcome = Static<typeof ImportOutcome>;
