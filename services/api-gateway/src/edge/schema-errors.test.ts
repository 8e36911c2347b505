import { CreateAlertRule, Scan } from "@tagwire/messages";
import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import { schemaErrors } from "./schema-errors.ts";
import { pointedErrors } from "./validation.ts";

const told = (schema: Parameters<typeof schemaErrors>[0], value: unknown): Record<string, string> =>
  Object.fromEntries(
    pointedErrors(schemaErrors(schema, value), "body").map(({ pointer, message }) => [pointer, message]),
  );

const scan = {
  id: "0190b0a0-0000-7000-8000-000000000001",
  ...{ tag: "x", type: "return", scannedAt: "2026-05-04T08:00:00.000Z" },
};

describe("what there is is told where something else was given", () => {
  test.each([
    {
      what: "a flag that no condition has",
      given: { condition: { muddy: true } },
      at: "/condition/muddy",
      is: /^is not known here; there is dirty, leaves, oil, mold, .*, wet, service_required or other$/,
    },
    {
      what: "a grade that nothing has",
      given: { quality: "D" },
      at: "/quality",
      is: /^must be one of A\+, A, A-, B\+, B, B-, C\+, C or C-$/,
    },
    {
      what: "a scan of no type",
      given: { type: "retrun" },
      at: "/type",
      is: /^must be one of rental, return, /,
    },
    {
      what: "a flag that is neither",
      given: { condition: { oil: "yes" } },
      at: "/condition/oil",
      is: /^must be boolean or null$/,
    },
  ])("$what", ({ given, at, is }) => {
    expect(told(Scan, { ...scan, ...given })).toEqual({ [at]: expect.stringMatching(is) });
  });
});

describe("of a union inside a body", () => {
  const rule = { kind: "missing", name: "gone", params: { minutes: 5 } };

  test("the branch is judged that the value says itself to be, with all that is wrong in it", () => {
    const channels = [
      { kind: "in_app" },
      { kind: "email", to: 5 },
      { kind: "webhook", webhooks: [], more: 1 },
    ];
    expect(told(CreateAlertRule, { kind: "stale", name: "", params: {}, channels })).toMatchObject({
      "/channels/1/to": "must be array",
      "/channels/2/webhooks": expect.any(String),
      "/channels/2/more": "is not known here; there is kind or webhooks",
      "/name": expect.any(String),
      "/params/days": "is missing",
    });
  });

  test.each([
    {
      given: { ...rule, channels: [{ kind: "fax" }] },
      at: "/channels/0/kind",
      is: "must be one of in_app, email, push or webhook",
    },
    {
      given: { ...rule, channels: [{}] },
      at: "/channels/0/kind",
      is: "is missing; there is in_app, email, push or webhook",
    },
    { given: { ...rule, channels: ["fax"] }, at: "/channels/0", is: "must be object" },
    { given: { ...rule, kind: "lost" }, at: "/kind", is: /^must be one of stale, overdue, .* or threshold$/ },
  ])("it is told of $given at $at", ({ given, at, is }) => {
    expect(told(CreateAlertRule, given)).toMatchObject({
      [at]: is instanceof RegExp ? expect.stringMatching(is) : is,
    });
  });

  test("whose branches name themselves by nothing, it is the one that the value comes closest to", () => {
    const branches = [
      Type.Object({ from: Type.String(), to: Type.String(), by: Type.String() }),
      Type.Object({ at: Type.String(), by: Type.String() }),
    ];
    expect(told(Type.Object({ when: Type.Union(branches) }), { when: { at: 5, by: "ana" } })).toEqual({
      "/when/at": "must be string",
    });
  });
});

test("no more is told than helps, however much is wrong", () => {
  const many = Array.from({ length: 5_000 }, () => ({ ...scan, quality: "D" }));
  const errors = schemaErrors(Type.Array(Scan), many);
  expect(errors.length).toBeGreaterThanOrEqual(20);
  expect(errors.length).toBeLessThan(40);
});
