import type { FastifySchemaValidationError } from "fastify";
import { type TSchema, Type } from "typebox";
import { Check, Errors } from "typebox/value";
import { escapedName } from "./json-pointer.ts";

/** More errors than this help nobody. */
export const errorsMax = 20;
/** So many of the members or values that there are help whoever has got one wrong. */
const namedMax = 40;

type SchemaError = FastifySchemaValidationError;
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listed = (names: readonly unknown[], last = ", "): string => {
  const told = names.slice(0, namedMax).map(String);
  if (names.length > namedMax) return `${told.join(", ")} and ${names.length - namedMax} more`;
  return told.length < 2 ? told.join("") : `${told.slice(0, -1).join(", ")}${last}${told.at(-1)}`;
};

const errorAt = (instancePath: string, keyword: string, message: string): SchemaError => ({
  ...{ keyword, instancePath, message },
  ...{ schemaPath: "#", params: {} },
});

const jsonTypeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** What kinds of values of JSON a schema takes; undefined where it does not say so itself. */
const kindsOf = (schema: TSchema): readonly string[] | undefined => {
  if (Type.IsUnion(schema)) {
    const kinds = schema.anyOf.map(kindsOf);
    return kinds.includes(undefined) ? undefined : kinds.flatMap((kind) => kind ?? []);
  }
  const { type, const: constant, enum: values } = schema as Fields;
  if (constant !== undefined) return [jsonTypeOf(constant)];
  if (Array.isArray(values)) return values.map(jsonTypeOf);
  if (type === "integer") return ["number"];
  return typeof type === "string" ? [type] : undefined;
};

/** How the kinds and the constants that a union takes are called. */
const wordOf = (schema: TSchema): string => {
  if (Type.IsLiteral(schema)) return String(schema.const);
  if (Type.IsUnion(schema)) return schema.anyOf.map(wordOf).join(", ");
  return String((schema as Fields).type ?? "something else");
};

/** The constants by which branches of a union tell themselves apart, such as their `kind`. */
const constantsOf = (schema: TSchema): ReadonlyMap<string, unknown> =>
  new Map(
    Type.IsObject(schema)
      ? Object.entries(schema.properties).flatMap(([name, property]) =>
          Type.IsLiteral(property) ? [[name, property.const] as const] : [],
        )
      : [],
  );

const isNamed = (branch: TSchema, value: unknown): boolean =>
  !isFields(value) ||
  [...constantsOf(branch)].every(
    ([name, constant]) => !Object.hasOwn(value, name) || value[name] === constant,
  );

/** How far a value is from a branch: each member that is missing counts. */
const distanceOf = (errors: readonly SchemaError[]): number =>
  errors.reduce((sum, { params }) => {
    const { requiredProperties: missing } = params as Fields;
    return sum + (Array.isArray(missing) ? missing.length : 1);
  }, 0);

/** Members by which all of these branches tell themselves apart. */
const tellingIn = (branches: readonly TSchema[]): string[] => {
  const [first, ...others] = branches.map((branch) => [...constantsOf(branch).keys()]);
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)));
};

/**
 * What is wrong with a value of a union: of the branch that it says itself to be, by its kind or by a constant. Where it names none
 * of them, those that there are; where it may be several, what is wrong with the one that it comes closest to.
 */
const errorsOfUnion = (branches: readonly TSchema[], value: unknown, at: string): SchemaError[] => {
  const fitting = branches.filter((branch) => kindsOf(branch)?.includes(jsonTypeOf(value)) !== false);
  const literals = branches.filter((branch) => Type.IsLiteral(branch));
  if (literals.length === branches.length || fitting.length === 0)
    return [errorAt(at, "type", `must be ${listed([...new Set(branches.map(wordOf))], " or ")}`)];
  const named = fitting.filter((branch) => isNamed(branch, value));
  const [telling] = tellingIn(fitting);
  if (fitting.length > 1 && telling !== undefined && isFields(value)) {
    const there = listed(
      fitting.map((branch) => constantsOf(branch).get(telling)),
      " or ",
    );
    const where = `${at}/${escapedName(telling)}`;
    if (!Object.hasOwn(value, telling)) return [errorAt(where, "required", `is missing; there is ${there}`)];
    if (named.length === 0) return [errorAt(where, "enum", `must be one of ${there}`)];
  }
  const [closest = []] = (named.length === 0 ? fitting : named)
    .map((branch) => schemaErrors(branch, value, at))
    .sort((left, right) => distanceOf(left) - distanceOf(right));
  return closest;
};

/** The errors of a schema itself, whose members or elements are looked at one by one. */
const ownErrors = (schema: TSchema, value: unknown, at: string): SchemaError[] =>
  Errors(schema, value).map(
    (error) => ({ ...error, instancePath: `${at}${error.instancePath}` }) as SchemaError,
  );

const unknownMember = (error: SchemaError, names: readonly string[]): SchemaError =>
  error.keyword === "boolean" && error.schemaPath === "#/additionalProperties"
    ? { ...error, message: `is not known here; there is ${listed(names, " or ")}` }
    : error;

const errorsOfObject = (schema: TSchema, properties: Record<string, TSchema>, value: unknown, at: string) => {
  const names = Object.keys(properties);
  const shallow = { ...schema, properties: Object.fromEntries(names.map((name) => [name, {}])) };
  const own = ownErrors(shallow, value, at).map((error) => unknownMember(error, names));
  if (!isFields(value)) return own;
  const members = Object.entries(properties).flatMap(([name, property]) =>
    Object.hasOwn(value, name) ? schemaErrors(property, value[name], `${at}/${escapedName(name)}`) : [],
  );
  return [...own, ...members];
};

const errorsOfArray = (schema: TSchema, items: TSchema, value: unknown, at: string): SchemaError[] => {
  const errors = ownErrors({ ...schema, items: {} }, value, at);
  if (!Array.isArray(value)) return errors;
  for (const [index, element] of value.entries()) {
    if (errors.length >= errorsMax) break;
    errors.push(...schemaErrors(items, element, `${at}/${index}`));
  }
  return errors;
};

/**
 * What is wrong with a value, part by part. The validator itself stops after a few errors and tells those of each branch of a union,
 * so that whoever got one member of one branch wrong is told of all the others that were not meant.
 */
export const schemaErrors = (schema: TSchema, value: unknown, at = ""): SchemaError[] => {
  if (Check(schema, value)) return [];
  if (Type.IsUnion(schema)) return errorsOfUnion(schema.anyOf, value, at);
  if (Type.IsObject(schema)) return errorsOfObject(schema, schema.properties, value, at);
  if (Type.IsArray(schema)) return errorsOfArray(schema, schema.items, value, at);
  const errors = ownErrors(schema, value, at);
  const { enum: values } = schema as Fields;
  return Array.isArray(values) ? [errorAt(at, "enum", `must be one of ${listed(values, " or ")}`)] : errors;
};
