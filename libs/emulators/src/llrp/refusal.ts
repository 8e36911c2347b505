import { type Parameter, type ParameterName, parameter, parameterTable } from "@tagwire/llrp";

/** A reader's no: a status code, words, and where the error is. */
export type Refusal = {
  readonly code: number;
  readonly description: string;
  readonly nested: readonly Parameter[];
};

/** The status parameter of an answer; without a refusal it is success. */
export const statusParameter = (refusal?: Refusal): Parameter =>
  refusal === undefined
    ? parameter("LLRPStatus", { code: 0, description: "" })
    : parameter("LLRPStatus", { code: refusal.code, description: refusal.description }, refusal.nested);

const parameterError = (name: ParameterName, code: number, nested: readonly Parameter[] = []): Parameter =>
  parameter("ParameterError", { parameterType: parameterTable[name].type, code }, nested);

/** A field of the message itself is wrong; fields count from 1. */
export const badMessageField = (fieldNumber: number, description: string, code = 300): Refusal => ({
  code: 101,
  description,
  nested: [parameter("FieldError", { fieldNumber, code })],
});

/** A field of a parameter is wrong; `path` leads from the message to it. */
export const badField = (
  path: readonly ParameterName[],
  fieldNumber: number,
  description: string,
): Refusal => {
  const inner = parameter("FieldError", { fieldNumber, code: 301 });
  const nested = path.reduceRight<Parameter>(
    (below, name) => parameterError(name, below === inner ? 201 : 200, [below]),
    inner,
  );
  return { code: 100, description, nested: [nested] };
};

export const missing = (name: ParameterName, description: string): Refusal => ({
  code: 103,
  description,
  nested: [parameterError(name, 203)],
});

export const tooMany = (name: ParameterName, description: string): Refusal => ({
  code: 105,
  description,
  nested: [parameterError(name, 205)],
});

export const unsupportedParameter = (name: ParameterName, description: string): Refusal => ({
  code: 111,
  description,
  nested: [parameterError(name, 209)],
});

export const plainRefusal = (code: number, description: string): Refusal => ({
  code,
  description,
  nested: [],
});
