import { type FaultCode, faultCatalogue } from "@tagwire/messages";
import { expect, test } from "vitest";
import { exceptionOf } from "./exceptions.ts";

test.each<[FaultCode, "query" | "capture", string]>([
  ["epcis_parameter_unknown", "query", "QueryParameterException"],
  ["malformed", "query", "QueryParameterException"],
  ["malformed", "capture", "ValidationException"],
  ["too_large", "query", "QueryTooLargeException"],
  ["too_large", "capture", "CaptureLimitExceededException"],
  ["forbidden", "query", "SecurityException"],
  ["unauthenticated", "capture", "SecurityException"],
  ["not_found", "query", "NoSuchResourceException"],
  ["site_unknown", "capture", "NoSuchResourceException"],
  ["internal", "query", "ImplementationException"],
  ["unavailable", "capture", "ImplementationException"],
])("%s of a %s is a %s", (code, of, exception) => {
  expect(exceptionOf(code, faultCatalogue[code].status, of)).toBe(exception);
});
