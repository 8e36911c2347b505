/**
 * What is wrong with a tag's bits or with a tag URI.
 *
 * - `epc_malformed`: it cannot be read at all: not hexadecimal, too short, too long, text after a NUL, a URI of another shape.
 * - `epc_unknown_scheme`: the header byte or the scheme name is not one that is decoded here.
 * - `epc_out_of_range`: it can be read, but a value breaks the limits of its field.
 */
export type EpcErrorCode = "epc_malformed" | "epc_unknown_scheme" | "epc_out_of_range";

/** Thrown by `decodeEpc` and `encodeEpc`; `describeTag` turns it into "opaque". */
export class EpcError extends Error {
  override readonly name = "EpcError";
  readonly code: EpcErrorCode;

  constructor(code: EpcErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const malformed = (message: string): EpcError => new EpcError("epc_malformed", message);
export const outOfRange = (message: string): EpcError => new EpcError("epc_out_of_range", message);
export const unknownScheme = (message: string): EpcError => new EpcError("epc_unknown_scheme", message);
