import * as declarations from "@tagwire/messages";
import { replyOf } from "@tagwire/messages";
import Type, { type TSchema } from "typebox";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Members = { [name: string]: Json };

export const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** The text of each shape that is exported under a name. Of two names for one shape the first stands. */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries(declarations as Readonly<Record<string, unknown>>)
    .filter((entry): entry is [string, TSchema] => Type.IsObject(entry[1]) || Type.IsUnion(entry[1]))
    .map(([name, schema]): [string, string] => [JSON.stringify(schema), name])
    .reverse(),
);

/**
 * Writes shapes as JSON Schema, where each shape that has a name in the declarations is said once, under that name, and referred
 * to everywhere else. `schemas` are those that were needed so far.
 */
export const openSchemas = () => {
  const schemas: Record<string, Json> = {};
  const refer = (value: Json): Json => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(refer);
    const name = names.get(JSON.stringify(value));
    if (name === undefined) return mapped(value);
    if (schemas[name] === undefined) {
      // Taken before it is filled in, so that its place in the list is before those that it is made of.
      schemas[name] = {};
      schemas[name] = mapped(value);
    }
    return { $ref: `#/components/schemas/${name}` };
  };
  const mapped = (value: Members): Json =>
    Object.fromEntries(Object.entries(value).map(([key, one]) => [key, refer(one)]));
  return {
    schemas,
    of: (schema: TSchema): Json => refer(plain(schema)),
    ofAnswer: (schema: TSchema): Json => refer(plain(replyOf(schema))),
  };
};
