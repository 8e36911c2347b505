import { Fault, type FaultCode, faultCatalogue, Receipt } from "@tagwire/messages";
import type { FastifyError } from "fastify";
import Type, { type Static } from "typebox";
import { adviceFor } from "./read-advice.ts";
import { type PointedError, pointedErrors } from "./validation.ts";

/** The media type and members of RFC 9457, with ours beside them. */
export const problemMediaType = "application/problem+json";

export const Problem = Type.Object(
  {
    type: Type.String({
      description: "a page that explains the code; of EPCIS, the exception of its standard",
    }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: "the path that was asked for" }),
    code: Type.String({ description: "stable; see /problems" }),
    traceId: Type.String(),
    retryable: Type.Boolean({ description: "whether the same call may succeed later, unchanged" }),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String({ description: "RFC 6901" }), message: Type.String() })),
    ),
    receipt: Type.Optional(Receipt),
  },
  { description: "RFC 9457 problem" },
);
export type Problem = Static<typeof Problem>;

/** How long a client should wait before it asks again, in seconds. */
export const retryAfterSeconds = 1;

/** What is to be said about an error, before it is known where it happened. */
export type Complaint = {
  readonly code: FaultCode;
  readonly detail: string;
  /** Where HTTP has a more exact status than the catalogue's. */
  readonly status?: number;
  readonly errors?: readonly PointedError[];
  readonly receipt?: Receipt;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A fault that needs more said than its code and detail. */
export class Refusal extends Error {
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(`${complaint.code}: ${complaint.detail}`);
    this.name = "Refusal";
    this.complaint = complaint;
  }
}

/** Bad input that a schema cannot tell; `pointer` is RFC 6901 within the body, or the parameter's name after a slash. */
export const malformedAt = (pointer: string, message: string): Refusal =>
  new Refusal({
    code: "malformed",
    detail: faultCatalogue.malformed.advice,
    errors: [{ pointer, message }],
  });

const titleOf = (code: FaultCode): string => {
  const words = code.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const detailOf = (fault: Fault, method: string | undefined): string => {
  const advice = adviceFor(fault, method);
  const said = fault.message.startsWith(`${fault.code}: `) ? fault.message.slice(fault.code.length + 2) : "";
  return said === "" ? advice : `${said}. ${advice}`.replace("..", ".");
};

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";

/**
 * Folds anything thrown into what is said to the client. What is not theirs to fix becomes `internal`, without its text. `method` is that of
 * the request, where it was one.
 */
export const complaintOf = (error: unknown, method?: string): Complaint => {
  if (error instanceof Refusal) return error.complaint;
  if (error instanceof Fault) return { code: error.code, detail: detailOf(error, method) };
  if (!isFastifyError(error)) return { code: "internal", detail: faultCatalogue.internal.advice };
  if (error.validation !== undefined)
    return {
      code: "malformed",
      detail: faultCatalogue.malformed.advice,
      errors: pointedErrors(error.validation, error.validationContext),
    };
  const status = error.statusCode ?? 500;
  if (status === 413) return { code: "too_large", detail: error.message };
  // Fastify says only that it is unsupported; whoever forgot a header is helped by what would be taken.
  if (status === 415)
    return { code: "media_type_unsupported", detail: faultCatalogue.media_type_unsupported.advice };
  if (status === 404) return { code: "not_found", detail: error.message };
  if (status >= 400 && status < 500) return { code: "malformed", detail: error.message, status };
  return { code: "internal", detail: faultCatalogue.internal.advice };
};

/** The body of an error answer. */
export const problemOf = (complaint: Complaint, where: { instance: string; traceId: string }): Problem => {
  const { code, detail } = complaint;
  const { status, retryable } = faultCatalogue[code];
  return {
    type: `/problems/${code}`,
    title: titleOf(code),
    status: complaint.status ?? status,
    detail,
    instance: where.instance,
    code,
    traceId: where.traceId,
    retryable,
    ...(complaint.errors === undefined ? {} : { errors: [...complaint.errors] }),
    ...(complaint.receipt === undefined ? {} : { receipt: complaint.receipt }),
  };
};

/** The page behind a problem's `type`. */
export const problemPage = (code: FaultCode) => {
  const { status, retryable, advice } = faultCatalogue[code];
  return { type: `/problems/${code}`, code, title: titleOf(code), status, retryable, advice };
};
