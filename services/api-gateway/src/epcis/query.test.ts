import { expect, test } from "vitest";
import { type Parameters, readEventQuery } from "./query.ts";

test("without parameters everything comes as it was recorded, oldest first", () => {
  expect(readEventQuery({})).toMatchObject({
    filter: {},
    order: "recordTime",
    descending: false,
    perPage: 30,
  });
});

test.each<[string, Parameters, object]>([
  [
    "types with bars between",
    { eventType: "ObjectEvent|TransactionEvent" },
    { eventTypes: ["ObjectEvent", "TransactionEvent"] },
  ],
  ["values in parameters of their own", { EQ_action: ["ADD", "DELETE"] }, { actions: ["ADD", "DELETE"] }],
  [
    "words however they are spelled",
    {
      EQ_bizStep:
        "https://ref.gs1.org/cbv/BizStep-shipping|urn:epcglobal:cbv:bizstep:storing|cbv:BizStep-packing|holding",
    },
    { bizSteps: ["shipping", "storing", "packing", "holding"] },
  ],
  [
    "a step of somebody's own",
    { EQ_bizStep: "https://step.example/x" },
    { bizSteps: ["https://step.example/x"] },
  ],
  [
    "an EPC",
    { MATCH_anyEPC: "urn:epc:id:sgtin:0614141.812345.6789" },
    { epcs: ["urn:epc:id:sgtin:0614141.812345.6789"] },
  ],
  [
    "times, also with a plus that became a space",
    { GE_eventTime: "2026-03-02T07:15:00.123 01:00", LT_recordTime: "2026-03-02T07:15:00Z" },
    { fromEventTime: "2026-03-02T07:15:00.123+01:00", beforeRecordTime: "2026-03-02T07:15:00Z" },
  ],
  [
    "transactions by their type",
    {
      "EQ_bizTransaction_urn:tagwire:btt:contract": "urn:tagwire:north:contract:R-1",
      EQ_bizTransaction_po: "urn:x:1|urn:x:2",
    },
    {
      transactions: [
        { type: "urn:tagwire:btt:contract", values: ["urn:tagwire:north:contract:R-1"] },
        { type: "po", values: ["urn:x:1", "urn:x:2"] },
      ],
    },
  ],
  ["what was declared wrong", { EXISTS_errorDeclaration: "true" }, { isDeclaredWrong: true }],
])("%s are read", (_, parameters, filter) => {
  expect(readEventQuery(parameters).filter).toEqual(filter);
});

test("with an order the newest come first, unless the direction is named", () => {
  expect(readEventQuery({ orderBy: "eventTime" })).toMatchObject({ order: "eventTime", descending: true });
  expect(readEventQuery({ orderBy: "eventTime", orderDirection: "ASC" })).toMatchObject({
    descending: false,
  });
});

test.each([
  ["EQ_userExtension"],
  ["GE_eventtime"],
  ["limit"],
  ["HASATTR_bizLocation"],
  ["WD_readPoint"],
  ["__proto__x"],
])("%s is not known, so the query is refused rather than answered without it", (name) => {
  expect(() => readEventQuery({ [name]: "x" })).toThrow(
    expect.objectContaining({ code: "epcis_parameter_unknown" }),
  );
});

test.each<[string, Parameters]>([
  ["eventType", { eventType: "SomeEvent" }],
  ["EQ_action", { EQ_action: "add" }],
  ["GE_eventTime", { GE_eventTime: "2026-03-02T07:15:00" }],
  ["GE_eventTime", { GE_eventTime: "2026-02-30T07:15:99Z" }],
  ["LT_eventTime", { LT_eventTime: ["2026-03-02T07:15:00Z", "2026-03-02T07:15:00Z"] }],
  ["MATCH_epc", { MATCH_epc: "urn:epc:idpat:sgtin:0614141.*.*" }],
  ["MATCH_epc", { MATCH_epc: "https://id.gs1.org/01/10614141123459/21/1" }],
  ["MATCH_epc", { MATCH_epc: "urn:epc:id:gid:1.2.3", MATCH_anyEPC: "urn:epc:id:gid:1.2.3" }],
  ["EQ_readPoint", { EQ_readPoint: "" }],
  ["EQ_readPoint", { EQ_readPoint: "a|" }],
  ["EQ_readPoint", { EQ_readPoint: "a\u0000" }],
  ["EQ_readPoint", { EQ_readPoint: Array.from({ length: 101 }, () => "a") }],
  ["orderBy", { orderBy: "EQ_quantity" }],
  ["orderDirection", { orderDirection: "UP" }],
  ["perPage", { perPage: "0" }],
  ["perPage", { perPage: "501" }],
  ["perPage", { perPage: "1e2" }],
  ["eventCountLimit", { eventCountLimit: "5" }],
  ["maxEventCount", { maxEventCount: "5", eventCountLimit: "5", orderBy: "eventTime" }],
  ["EXISTS_errorDeclaration", { EXISTS_errorDeclaration: "false" }],
])("a mistake in %s is pointed at: %o", (name, parameters) => {
  expect(() => readEventQuery(parameters)).toThrow(
    expect.objectContaining({
      complaint: expect.objectContaining({
        code: "malformed",
        errors: [expect.objectContaining({ pointer: `/${name}` })],
      }),
    }),
  );
});
