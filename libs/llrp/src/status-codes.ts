import { findParameter, type Parameter, parameterNameOf } from "./parameter.ts";

/** Names of LLRP's status codes. Source: LLRP 1.1, section 15.2.1. */
export const statusNames: Readonly<Record<number, string>> = {
  0: "M_Success",
  100: "M_ParameterError",
  101: "M_FieldError",
  102: "M_UnexpectedParameter",
  103: "M_MissingParameter",
  104: "M_DuplicateParameter",
  105: "M_OverflowParameter",
  106: "M_OverflowField",
  107: "M_UnknownParameter",
  108: "M_UnknownField",
  109: "M_UnsupportedMessage",
  110: "M_UnsupportedVersion",
  111: "M_UnsupportedParameter",
  112: "M_UnexpectedMessage",
  200: "P_ParameterError",
  201: "P_FieldError",
  202: "P_UnexpectedParameter",
  203: "P_MissingParameter",
  204: "P_DuplicateParameter",
  205: "P_OverflowParameter",
  206: "P_OverflowField",
  207: "P_UnknownParameter",
  208: "P_UnknownField",
  209: "P_UnsupportedParameter",
  300: "A_Invalid",
  301: "A_OutOfRange",
  401: "R_DeviceError",
};

export const statusName = (code: number): string => statusNames[code] ?? `status ${code}`;

const nestedErrors = (parameters: readonly Parameter[]): string[] =>
  parameters.flatMap((one) => {
    if (one.name === "FieldError") return [`field ${one.fields.fieldNumber}: ${statusName(one.fields.code)}`];
    if (one.name !== "ParameterError") return [];
    const { parameterType, code } = one.fields;
    const where = parameterNameOf(parameterType) ?? `parameter ${parameterType}`;
    return [`${where}: ${statusName(code)}`, ...nestedErrors(one.nested)];
  });

export type Status = { readonly code: number; readonly text: string };

/**
 * The LLRPStatus among a response's parameters, with everything that its nested errors say in one line. A response
 * without one counts as success: some readers leave it out of answers that need no words.
 */
export const statusOf = (parameters: readonly Parameter[]): Status => {
  const status = findParameter(parameters, "LLRPStatus");
  if (status === undefined) return { code: 0, text: "" };
  const { code, description } = status.fields;
  const parts = [description.trim(), ...nestedErrors(status.nested)].filter((part) => part !== "");
  return { code, text: [statusName(code), ...parts].join(" · ") };
};
