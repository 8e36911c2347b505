import Type, { type TProperties, type TSchema } from "typebox";
import { sealCursor } from "../edge/cursor.ts";
import { nullable } from "./schema.ts";

type PagedAnswer = TProperties & { rows: TSchema; next: TSchema };

/** A page of a board is the manager's answer, with the names that every list has. */
export const boardPage = <P extends PagedAnswer>(
  { rows, next: _next, ...board }: P,
  options: { readonly examples?: unknown[] } = {},
) => Type.Object({ ...board, data: rows as P["rows"], nextCursor: nullable(Type.String()) }, options);

/** The answer of the manager as a page. */
export const asPage = <R, B extends object>({
  rows,
  next,
  ...board
}: B & { readonly rows: R; readonly next: string | null }) => ({
  ...(board as Omit<B, "rows" | "next">),
  data: rows,
  nextCursor: sealCursor(next),
});

/** The members that say something: a question has none that is undefined. */
export const said = <T extends object>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
