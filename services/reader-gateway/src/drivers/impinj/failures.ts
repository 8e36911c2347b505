import { Fault, type FaultCode } from "@tagwire/messages";
import { isObject, textIn } from "../json/object.ts";

const shownMax = 200;

/** Node's names for a certificate that it does not trust. */
const certificateCode = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;
const closedCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Errors of a connection are wrapped, and of several addresses that were tried there are several. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error.cause !== undefined) return codeOf(error.cause);
  // A DOMException, such as of a time that is over, has a number for a code, which says less than its name.
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
};

/** What a failed request means. */
export const faultOfRequest = (cause: unknown): Fault => {
  if (cause instanceof Fault) return cause;
  const code = codeOf(cause);
  if (code === "TimeoutError") return new Fault("reader.silent", "no answer in time", { cause });
  if (certificateCode.test(code)) return new Fault("reader.certificate", code, { cause });
  if (closedCodes.has(code)) return new Fault("reader.closed", code, { cause });
  if (code.startsWith("HPE_") || code === "HTTPParserError")
    return new Fault("reader.garbled", "what answers speaks no HTTP", { cause });
  return new Fault("reader.unreachable", code, { cause });
};

const codes: Readonly<Record<number, FaultCode>> = {
  400: "reader.settings",
  401: "reader.login",
  403: "reader.login",
  409: "reader.refused",
  422: "reader.settings",
  503: "reader.refused",
};

/** What a reader says no with has words of its own; without them it is some other server that answers. */
const wordsExpected: ReadonlySet<number> = new Set([400, 404, 405, 422]);

/** What an answer that is no yes means. Its body is an `ErrorResponse`: `{message, invalidPropertyId?, detail?}`. */
export const faultOfAnswer = (what: string, status: number, body: unknown): Fault => {
  const words = isObject(body)
    ? ["message", "invalidPropertyId", "detail"].flatMap((name) => textIn(body, name) ?? [])
    : [];
  const said = words.join(" ").slice(0, shownMax);
  if (status >= 300 && status < 400)
    return new Fault("reader.settings", `it leads elsewhere (${status}): perhaps it wants https://`);
  if (wordsExpected.has(status) && !isObject(body))
    return new Fault(
      "reader.garbled",
      `${what} was answered with ${status}, and not as such a reader answers`,
    );
  return new Fault(
    codes[status] ?? "reader.error",
    `${what} was answered with ${status}${said === "" ? "" : `: ${said}`}`,
  );
};
