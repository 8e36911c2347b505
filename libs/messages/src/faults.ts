import { type FaultCode, faultCatalogue } from "./fault-catalogue.ts";

/**
 * The world failing, or a request that cannot be served: a code from the catalogue, what it concerns, and the cause.
 * A no from the domain is not a fault but a refusal: data in a receipt.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  /** What it concerns, for people. */
  readonly detail: string;

  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(detail === "" ? code : `${code}: ${detail}`, options);
    this.name = "Fault";
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return faultCatalogue[this.code].status;
  }

  get retryable(): boolean {
    return faultCatalogue[this.code].retryable;
  }

  get advice(): string {
    return faultCatalogue[this.code].advice;
  }
}

export const isFaultCode = (code: unknown): code is FaultCode =>
  typeof code === "string" && Object.hasOwn(faultCatalogue, code);

/** A fault as it travels between services; `detail` is for people, never secrets. */
export type FaultMessage = { readonly code: FaultCode; readonly detail: string };

/** Folds anything thrown into what may be said to another service. Unknown errors become `internal` without their text. */
export const faultMessage = (error: unknown): FaultMessage =>
  error instanceof Fault ? { code: error.code, detail: error.detail } : { code: "internal", detail: "" };
