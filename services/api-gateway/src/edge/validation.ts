import type { FastifySchemaCompiler, FastifySchemaValidationError } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import Format from "typebox/format";
import { Convert } from "typebox/value";
import { escapedName } from "./json-pointer.ts";
import { errorsMax, schemaErrors } from "./schema-errors.ts";

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)$/;

// TypeBox knows the days of each month, but takes the suffixes of RFC 9557 (`[Europe/Berlin]`) too, which no clock here reads.
const isDateTime = Format.Get("date-time") ?? (() => true);
Format.Set("date-time", (text) => rfc3339.test(text) && isDateTime(text) && !Number.isNaN(Date.parse(text)));

export type PointedError = { readonly pointer: string; readonly message: string };

const pointed = (error: FastifySchemaValidationError): PointedError[] => {
  const { keyword, instancePath, params, message } = error;
  if (keyword === "additionalProperties") return [];
  if (keyword === "boolean" && message === "schema is false")
    return [{ pointer: instancePath, message: "is not known here" }];
  if (keyword === "required" && Array.isArray(params.requiredProperties))
    return params.requiredProperties.map((name) => ({
      pointer: `${instancePath}/${escapedName(String(name))}`,
      message: "is missing",
    }));
  if (keyword === "const")
    return [{ pointer: instancePath, message: `must be ${String(params.allowedValue)}` }];
  return [{ pointer: instancePath, message: message ?? "is not as the schema says" }];
};

/**
 * Points at what is wrong: RFC 6901 within the body, or within the parameters, whose names say themselves where they are.
 * A union reports every branch it tried, so the same pointer is kept once.
 */
export const pointedErrors = (
  errors: readonly FastifySchemaValidationError[],
  part: string | undefined,
): PointedError[] => {
  const byPointer = new Map<string, PointedError>();
  for (const error of errors)
    for (const found of pointed(error))
      if (!byPointer.has(found.pointer)) byPointer.set(found.pointer, found);
  const all = [...byPointer.values()].slice(0, errorsMax);
  return part === undefined || part === "body"
    ? all
    : all.map(({ pointer, message }) => ({ pointer, message: `${message} (${part})` }));
};

/** Text becomes numbers and booleans everywhere but in the body, where JSON has said already what it means. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  return (given: unknown) => {
    const value = httpPart === "body" ? given : Convert(schema, given);
    if (check.Check(value)) return { value };
    return { error: schemaErrors(schema, value) as unknown as Error };
  };
};
