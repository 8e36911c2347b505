import { expect, test } from "vitest";
import type { Parameters } from "./parameter-values.ts";
import { readEventQuery } from "./query.ts";

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
    { MATCH_epc: "urn:epc:id:sgtin:0614141.812345.6789" },
    { epcs: ["urn:epc:id:sgtin:0614141.812345.6789"] },
  ],
  [
    "any EPC besides, by a pattern or a link",
    {
      MATCH_epc: "urn:epc:id:gid:1.2.3",
      MATCH_anyEPC: "urn:epc:idpat:sgtin:0614141.*.*|https://id.gs1.org/01/10614141123459/21/1",
    },
    {
      epcs: ["urn:epc:id:gid:1.2.3"],
      anyEpcs: ["urn:epc:idpat:sgtin:0614141.*.*", "https://id.gs1.org/01/10614141123459/21/1"],
    },
  ],
  [
    "classes and quantities",
    { MATCH_epcClass: "urn:x:1", MATCH_anyEPCClass: "urn:x:2", EQ_quantity: "1|2.5", GT_quantity: "-1" },
    { epcClasses: ["urn:x:1"], anyEpcClasses: ["urn:x:2"], quantity: { equal: [1, 2.5], over: -1 } },
  ],
  [
    "limits of a quantity",
    { GE_quantity: "1", LT_quantity: "5", LE_quantity: "4" },
    { quantity: { from: 1, under: 5, upTo: 4 } },
  ],
  [
    "places and what is within them",
    { EQ_readPoint: "urn:a:1", WD_readPoint: "urn:a:2", WD_bizLocation: "urn:a:3" },
    { readPoints: ["urn:a:1"], readPointsWithin: ["urn:a:2"], bizLocationsWithin: ["urn:a:3"] },
  ],
  [
    "when, why and how it was declared wrong",
    {
      GE_errorDeclarationTime: "2026-03-02T07:15:00Z",
      LT_errorDeclaration_Time: "2026-03-03T07:15:00Z",
      EQ_errorReason: "https://ref.gs1.org/cbv/ER-did_not_occur|incorrect_data",
      EQ_correctiveEventID: "urn:uuid:1",
    },
    {
      fromDeclarationTime: "2026-03-02T07:15:00Z",
      beforeDeclarationTime: "2026-03-03T07:15:00Z",
      errorReasons: ["did_not_occur", "incorrect_data"],
      correctiveEventIds: ["urn:uuid:1"],
    },
  ],
  [
    "members of ours, under our prefix or by their whole names",
    {
      "EQ_tagwire:status": "wash|wet",
      "EQ_urn:tagwire:epcis:event": "item.rented.v1",
      "EXISTS_urn:tagwire:epcis:#flags": "",
    },
    {
      extensions: [
        { name: "tagwire:status", values: ["wash", "wet"] },
        { name: "tagwire:event", values: ["item.rented.v1"] },
        { name: "tagwire:flags" },
      ],
    },
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
  expect(readEventQuery(parameters)).toMatchObject({ filter, isVain: false });
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
  ["HASATTR_"],
  ["EQ_errorDeclarationTime"],
  ["EQ_bizTransaction_"],
  ["EQ_quantity_kilograms"],
  ["MATCH_EPC"],
  ["WD_tagwire:status"],
  ["EXISTS_bizStep"],
  ["SITE"],
  ["toString"],
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
  ["MATCH_epc", { MATCH_epc: "30395DFA8361ABC000000001" }],
  ["MATCH_anyEPCClass", { MATCH_anyEPCClass: "napkins" }],
  ["EQ_quantity", { EQ_quantity: "1|many" }],
  ["GT_quantity", { GT_quantity: ["1", "2"] }],
  ["LE_quantity", { LE_quantity: "NaN" }],
  ["GE_startTime", { GE_startTime: "yesterday" }],
  ["EQ_booleanValue", { EQ_booleanValue: "yes" }],
  ["GE_tagwire:status", { "GE_tagwire:status": "wash" }],
  [
    "LT_errorDeclaration_Time",
    { LT_errorDeclarationTime: "2026-03-02T07:15:00Z", LT_errorDeclaration_Time: "2026-03-02T07:15:00Z" },
  ],
  ["EQ_", Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`EQ_tagwire:m${index}`, "x"]))],
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
