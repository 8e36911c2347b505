import type { FastifySchemaValidationError } from "fastify";
import { type TSchema, Type } from "typebox";
import { expect, test } from "vitest";
import { pointedErrors, validatorCompiler } from "./validation.ts";

const wrongIn = (schema: TSchema, value: unknown) => {
  const check = validatorCompiler({ schema, method: "POST", url: "/", httpPart: "body" });
  const { error } = check(value) as { error?: unknown };
  return pointedErrors((error ?? []) as FastifySchemaValidationError[], "body");
};

const colours = Type.Object({
  colour: Type.Enum(["red", "green"]),
  hue: Type.Optional(Type.Literal("dark")),
});
const shapes = Type.Union([
  Type.Object({ kind: Type.Literal("circle"), radius: Type.Number() }),
  Type.Object({ kind: Type.Literal("square"), side: Type.Number() }),
]);

test.each([
  {
    what: "a choice that there is not names those that there are",
    is: wrongIn(colours, { colour: "blue" }),
    expected: [{ pointer: "/colour", message: "must be one of red or green" }],
  },
  {
    what: "where there is one choice, it is named",
    is: wrongIn(colours, { colour: "red", hue: "pale" }),
    expected: [{ pointer: "/hue", message: "must be dark" }],
  },
  {
    what: "a kind that no branch has is told, and nothing of a branch that nobody meant",
    is: wrongIn(shapes, { kind: "triangle" }),
    expected: [{ pointer: "/kind", message: "must be one of circle or square" }],
  },
  {
    what: "of a branch that is meant, what it lacks is told",
    is: wrongIn(shapes, { kind: "square" }),
    expected: [{ pointer: "/side", message: "is missing" }],
  },
])("$what", ({ is, expected }) => {
  expect(is).toEqual(expected);
});
