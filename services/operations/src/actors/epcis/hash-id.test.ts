import { describe, expect, test } from "vitest";
import { digestOfHashId, hashIdOf, preHashOf } from "./hash-id.ts";

/*
 * Vectors: the CBV 2.0 examples of github.com/RalphTro/epcis-event-hash-generator (MIT), by the author of that part of the
 * standard. Where an identity is of a kind that no tag carries (PGLN, LGTIN) the event names it by its canonical Digital Link, which
 * by the standard has the same hash.
 */
const example = { example: "https://ns.example.com/epcis/", cbvmda: "urn:epcglobal:cbv:mda:" };

const vectors: readonly { what: string; event: { type: string; [name: string]: unknown }; hash: string }[] = [
  {
    what: "an object event with nested extensions",
    event: {
      type: "ObjectEvent",
      eventTime: "2020-03-04T11:00:30.000+01:00",
      eventTimeZoneOffset: "+01:00",
      recordTime: "2020-03-04T11:00:30.999+01:00",
      epcList: [
        "urn:epc:id:sscc:4012345.0000000333",
        "urn:epc:id:sscc:4012345.0000000111",
        "urn:epc:id:sscc:4012345.0000000222",
      ],
      action: "OBSERVE",
      bizStep: "departing",
      readPoint: { id: "urn:epc:id:sgln:4012345.00011.987" },
      "example:myField1": { "example:mySubField1": "2", "example:mySubField2": "5" },
      "example:myField2": "0",
      "example:myField3": { "example:mySubField3": ["3", "1"] },
    },
    hash: "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7",
  },
  {
    what: "business transactions, sources and destinations",
    event: {
      type: "ObjectEvent",
      eventTime: "2019-10-21T11:00:30.000+01:00",
      eventTimeZoneOffset: "+01:00",
      epcList: ["urn:epc:id:sscc:5200001.0111111146"],
      action: "OBSERVE",
      bizStep: "departing",
      readPoint: { id: "urn:epc:id:sgln:5200001.99901.0" },
      bizTransactionList: [
        { type: "desadv", bizTransaction: "urn:epcglobal:cbv:bt:5200001000008:4711" },
        { type: "inv", bizTransaction: "urn:epcglobal:cbv:bt:5200001000008:RE1099" },
      ],
      sourceList: [{ type: "possessing_party", source: "https://id.gs1.org/417/5200001000008" }],
      destinationList: [
        { type: "possessing_party", destination: "https://id.gs1.org/417/4000001987658" },
        { type: "location", destination: "urn:epc:id:sgln:4012345.00012.0" },
      ],
    },
    hash: "253f0178f96349eedc207505b49044a602129605cf692e3d9f1f36c8bd1dfb0d",
  },
  {
    what: "a disposition",
    event: {
      type: "ObjectEvent",
      eventTime: "2019-10-21T15:45:00.000+01:00",
      eventTimeZoneOffset: "+01:00",
      epcList: ["urn:epc:id:sscc:4012345.0111111111"],
      action: "OBSERVE",
      bizStep: "inspecting",
      disposition: "in_progress",
      readPoint: { id: "urn:epc:id:sgln:4012345.00024.0" },
    },
    hash: "c50842eb714406394a77fb7b517fea621c78a61f65549874de7c9e019afe7b6f",
  },
  {
    what: "quantities and master data",
    event: {
      type: "ObjectEvent",
      eventTime: "2019-10-21T14:58:56.000+02:00",
      eventTimeZoneOffset: "+02:00",
      quantityList: [
        { epcClass: "https://id.gs1.org/01/04054739999148/10/20160711", quantity: 600, uom: "KGM" },
      ],
      action: "ADD",
      bizStep: "commissioning",
      readPoint: { id: "urn:epc:id:sgln:4054739.00001.0" },
      ilmd: { "cbvmda:bestBeforeDate": "2019-10-21" },
    },
    hash: "5f396ea5cb32fe4d0980cb79f5a5eb9640559e9f5a6cefa5c98a7d6ad554b50b",
  },
  {
    what: "an aggregation",
    event: {
      type: "AggregationEvent",
      eventTime: "2019-10-21T11:58:56.591+02:00",
      eventTimeZoneOffset: "+02:00",
      parentID: "urn:epc:id:sscc:4047023.0111111122",
      childEPCs: [
        "urn:epc:id:sgtin:4047023.077551.98",
        "urn:epc:id:sgtin:4047023.077551.97",
        "urn:epc:id:sgtin:4047023.077551.107",
        "urn:epc:id:sgtin:4047023.077551.109",
      ],
      action: "ADD",
      bizStep: "packing",
      readPoint: { id: "urn:epc:id:sgln:4047023.00012.0" },
    },
    hash: "c941e6486c561c2be83c28dc228c150eaef9a6befb1015e6cc563982fb7414b6",
  },
  {
    what: "a transaction with a business location",
    event: {
      type: "TransactionEvent",
      eventTime: "2019-10-21T00:05:00-06:00",
      eventTimeZoneOffset: "-06:00",
      epcList: ["urn:epc:id:sgtin:0614141.107340.1", "urn:epc:id:sgtin:0614141.107340.2"],
      action: "ADD",
      bizStep: "shipping",
      readPoint: { id: "urn:epc:id:sgln:4012345.00000.5" },
      bizLocation: { id: "urn:epc:id:sgln:4012345.00000.0" },
      bizTransactionList: [{ type: "po", bizTransaction: "urn:epcglobal:cbv:bt:4012345123456:RE100099" }],
    },
    hash: "cf6559dc931963f19ed9cd2fe33c02ef64c8cfd557e5a96b086a87db315b7122",
  },
];

test.each(vectors)("the published hash of $what comes out", ({ event, hash }) => {
  expect(hashIdOf(event, example)).toBe(`ni:///sha-256;${hash}?ver=CBV2.0`);
});

describe("of one event", () => {
  const event = vectors[0]?.event ?? { type: "" };

  test("the hash covers neither its id, nor when it was recorded, nor that it was declared wrong", () => {
    const later = {
      ...event,
      eventID: "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
      recordTime: "2026-01-01T00:00:00Z",
      errorDeclaration: { declarationTime: "2026-01-01T00:00:00Z", reason: "did_not_occur" },
    };
    expect(preHashOf(later, example)).toBe(preHashOf(event, example));
  });

  test("anything else changes it", () => {
    for (const change of [
      { action: "ADD" },
      { "example:myField2": "1" },
      { eventTime: "2020-03-04T11:00:30.001+01:00" },
    ])
      expect(hashIdOf({ ...event, ...change }, example)).not.toBe(hashIdOf(event, example));
  });

  test("what has no place in it is refused, not left out", () => {
    expect(() => preHashOf({ ...event, sensorElementList: [] }, example)).toThrow(TypeError);
    expect(() => preHashOf({ ...event, "other:name": "x" }, example)).toThrow(TypeError);
  });
});

test("the digest is read back from an id, and from nothing else", () => {
  const hash = "a".repeat(64);
  expect(digestOfHashId(`ni:///sha-256;${hash}?ver=CBV2.0`)).toBe(hash);
  for (const other of ["", hash, `ni:///sha-256;${hash}?ver=CBV2.1`, `ni:///sha-512;${hash}?ver=CBV2.0`])
    expect(digestOfHashId(other)).toBeUndefined();
});
