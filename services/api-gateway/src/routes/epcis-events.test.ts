import { expect, test } from "vitest";
import { nextLink } from "./epcis-events.ts";

test("a link to the next page asks the same question, also where a value holds what stands before a query", () => {
  const epc = "https://id.gs1.org/01/04012345000016/21/1?17=270101";
  const link = nextLink(`/api/v1/epcis/events?site=north&MATCH_anyEPC=${epc}&perPage=1`, "token");
  const [, path = "", query] = /^<([^?]+)\?(.+)>; rel="next"$/.exec(link) ?? [];
  expect(path).toBe("/api/v1/epcis/events");
  expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
    ...{ site: "north", MATCH_anyEPC: epc, perPage: "1", nextPageToken: "token" },
  });
});
