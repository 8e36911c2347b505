import { encodeEpc } from "@tagwire/epc";
import { expect, test } from "vitest";
import { readCaptured } from "./captured-event.ts";

const seen = {
  type: "ObjectEvent",
  action: "OBSERVE",
  eventTime: "2026-03-02T06:15:04.120Z",
  eventTimeZoneOffset: "+01:00",
  epcList: ["urn:tagwire:north:tag:CHAIR-1"],
};
const read = (more: object) => readCaptured("north", { ...seen, ...more });

test("an observation says what a scan of it says, in the offset it was made in", () => {
  const event = {
    eventID: "urn:uuid:01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11",
    bizStep: "receiving",
    disposition: "returned",
    readPoint: { id: "urn:tagwire:north:place:dock%201" },
    bizTransactionList: [
      { type: "po", bizTransaction: "urn:x:1" },
      { type: "urn:tagwire:btt:contract", bizTransaction: "urn:tagwire:north:contract:R%2F1" },
    ],
  };
  expect(read(event)).toEqual({
    key: event.eventID,
    type: "touch",
    scannedAt: "2026-03-02T07:15:04.120+01:00",
    place: "dock 1",
    contract: "R/1",
    notes: `EPCIS bizStep receiving disposition returned ${event.eventID}`,
    sought: [{ epc: "urn:tagwire:north:tag:CHAIR-1", tag: "CHAIR-1" }],
  });
});

test.each([
  "stock_taking",
  "https://ref.gs1.org/cbv/BizStep-stock_taking",
  "urn:epcglobal:cbv:bizstep:stock_taking",
])("%s is a count", (bizStep) => expect(read({ bizStep })).toMatchObject({ type: "count" }));

test.each<[string, string | undefined]>([
  ["urn:epc:id:sgtin:0614141.812345.6789", undefined],
  ["urn:epc:tag:sgtin-96:3.0614141.812345.6789", encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6789")],
  ["urn:epc:raw:96.x3074257BF7194E4000001A85", "3074257BF7194E4000001A85"],
])("%s is sought as %s", (epc, tag) => {
  expect(read({ epcList: [epc] })).toMatchObject({ sought: [{ epc, tag }] });
});

test("a Digital Link is sought as the thing it names, whatever else it says and wherever it leads", () => {
  const thing = "https://id.gs1.org/01/80614141123458/21/6789";
  for (const epc of [thing, "http://chairs.example/a/01/80614141123458/22/X/21/6789?17=261231"])
    expect(read({ epcList: [epc] })).toMatchObject({ sought: [{ epc: thing, tag: undefined }] });
});

test("an event without an id is known by what it says, however it is spelled and whenever it was recorded", () => {
  const { epcList, ...rest } = seen;
  const again = readCaptured("north", {
    epcList,
    recordTime: "2026-03-03T00:00:00Z",
    ...rest,
    "@context": "x",
  });
  expect(again).toMatchObject({ key: (read({}) as { key: string }).key });
  expect(read({ eventTime: "2026-03-02T06:15:04.121Z" })).not.toMatchObject({
    key: (read({}) as { key: string }).key,
  });
});

test.each<[object, string, string]>([
  [{ type: "AggregationEvent" }, "epcis_event_unsupported", "/type"],
  [{ action: "ADD" }, "epcis_event_unsupported", "/action"],
  [{ quantityList: [{ epcClass: "urn:x:y" }] }, "epcis_event_unsupported", "/quantityList"],
  [{ sensorElementList: [{}] }, "epcis_event_unsupported", "/sensorElementList"],
  [{ errorDeclaration: {} }, "epcis_event_unsupported", "/errorDeclaration"],
  [{ eventTime: "yesterday" }, "epcis_event_malformed", "/eventTime"],
  [{ eventTimeZoneOffset: "Z" }, "epcis_event_malformed", "/eventTimeZoneOffset"],
  [{ epcList: [] }, "epcis_event_malformed", "/epcList"],
  [{ epcList: ["urn:epc:idpat:sgtin:1.*.*"] }, "epcis_event_malformed", "/epcList/0"],
  [{ epcList: ["https://chairs.example/about"] }, "epcis_event_malformed", "/epcList/0"],
  [{ epcList: ["https://id.gs1.org/01/80614141123458"] }, "epcis_event_malformed", "/epcList/0"],
  [{ epcList: ["urn:tagwire:south:tag:CHAIR-1"] }, "epcis_event_malformed", "/epcList/0"],
  [{ epcList: ["urn:epc:tag:sgtin-96:9.1.2.3"] }, "epcis_event_malformed", "/epcList/0"],
  [{ readPoint: { id: "urn:tagwire:south:place:dock" } }, "epcis_event_malformed", "/readPoint/id"],
  [
    { readPoint: { id: `urn:tagwire:north:place:${"x".repeat(65)}` } },
    "epcis_event_malformed",
    "/readPoint/id",
  ],
  [
    { bizTransactionList: [{ type: "urn:tagwire:btt:contract", bizTransaction: "urn:x:1" }] },
    "epcis_event_malformed",
    "/bizTransactionList",
  ],
])("%o is refused with its code and place", (more, code, pointer) => {
  expect(read(more)).toMatchObject({ code, pointer });
});

test.each([null, 1, "event", []])("%j is no event", (given) => {
  expect(readCaptured("north", given)).toMatchObject({ code: "epcis_event_malformed" });
});
