import { filterPropertiesOf } from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { questionOf } from "../live/filter.ts";
import { filterWanted } from "../live/query-filter.ts";

// One item is asked for by its own address.
const { tag: _tag, ...properties } = filterPropertiesOf("items");

/** What a list of items can be narrowed down by. */
export const ItemsFilter = Type.Object(properties);
export type ItemsFilter = Static<typeof ItemsFilter>;

/** The filter as it is asked of operations. @throws Refusal `malformed` for a status that does not exist. */
export const itemsWanted = (query: ItemsFilter): ReturnType<typeof questionOf> =>
  questionOf(filterWanted("items", query, Object.keys(properties)));
