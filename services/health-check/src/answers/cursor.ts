import { Fault } from "@tagwire/messages";

/** Where a page of something that is sorted by time ended. */
export type After = { readonly at: string; readonly id: string };

const shape = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ([0-9a-f-]{36})$/;

export const writeCursor = ({ at, id }: After): string => `${at} ${id}`;

/** @throws Fault `malformed` for text that no page ended with */
export const readCursor = (cursor: string | null): After | undefined => {
  if (cursor === null) return undefined;
  const [, at, id] = shape.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new Fault("malformed", "cursor");
  return { at, id };
};
