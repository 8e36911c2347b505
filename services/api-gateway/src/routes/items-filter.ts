import { type AskItems, itemStatuses } from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { malformedAt } from "../edge/problem.ts";
import { StorableFilter, statusesOf } from "../live/filter.ts";

/** What a list of items can be narrowed down by. */
export const ItemsFilter = Type.Omit(StorableFilter, ["tag"]);
export type ItemsFilter = Static<typeof ItemsFilter>;

const known: ReadonlySet<string> = new Set(itemStatuses);

/** The statuses of a filter; undefined when it names none. @throws Refusal `malformed` */
const statusesWanted = (text: string | undefined): string[] | undefined => {
  const statuses = statusesOf(text ?? "");
  if (!statuses.every((status) => known.has(status)))
    throw malformedAt("/status", `must be of ${itemStatuses.join(", ")} (querystring)`);
  return statuses.length === 0 ? undefined : statuses;
};

/** A filter without text filters nothing. */
const textWanted = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

type Wanted = Pick<Static<typeof AskItems.question>, "status" | "class" | "place" | "q">;

/** The filter as it is asked of operations. @throws Refusal `malformed` for a status that does not exist. */
export const itemsWanted = (query: ItemsFilter): Wanted => {
  const status = statusesWanted(query.status);
  const className = textWanted(query.class);
  const place = textWanted(query.place);
  const q = textWanted(query.q);
  return {
    ...(status === undefined ? {} : { status }),
    ...(className === undefined ? {} : { class: className }),
    ...(place === undefined ? {} : { place }),
    ...(q === undefined ? {} : { q }),
  };
};
