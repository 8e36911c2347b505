import type { FieldsOf } from "./fields.ts";
import { type ParameterTable, parameterTable } from "./parameter-table.ts";

export type ParameterName = keyof ParameterTable;

/** A parameter of one name: its fields and the parameters nested in it, in their order on the wire. */
export type ParameterOf<Name extends ParameterName> = {
  readonly [N in Name]: {
    readonly name: N;
    readonly fields: FieldsOf<ParameterTable[N]["layout"]>;
    readonly nested: readonly Parameter[];
  };
}[Name];

/** A parameter that the tables do not know, kept as it came: from its type number to the end of its bytes. */
export type UnknownParameter = {
  readonly name: "Unknown";
  readonly fields: { readonly bytes: Uint8Array };
  readonly nested: readonly [];
};

export type Parameter = ParameterOf<ParameterName> | UnknownParameter;

/** Makes a parameter; `fields` and `nested` are in the words of the table. */
export const parameter = <Name extends ParameterName>(
  name: Name,
  fields: FieldsOf<ParameterTable[Name]["layout"]>,
  nested: readonly Parameter[] = [],
): Parameter => ({ name, fields, nested }) as Parameter;

const isNamed =
  <Name extends ParameterName>(name: Name) =>
  (one: Parameter): one is Extract<Parameter, { readonly name: Name }> =>
    one.name === name;

/** The first parameter of that name among `parameters`. */
export const findParameter = <Name extends ParameterName>(
  parameters: readonly Parameter[],
  name: Name,
): Extract<Parameter, { readonly name: Name }> | undefined => parameters.find(isNamed(name));

/** All parameters of that name among `parameters`. */
export const findParameters = <Name extends ParameterName>(
  parameters: readonly Parameter[],
  name: Name,
): Extract<Parameter, { readonly name: Name }>[] => parameters.filter(isNamed(name));

const namesByType = new Map<number, ParameterName>(
  Object.entries(parameterTable).map(([name, { type }]) => [type, name as ParameterName]),
);

export const parameterNameOf = (type: number): ParameterName | undefined => namesByType.get(type);
