import { expect, test } from "vitest";
import { byText } from "./by.ts";

test.each([
  { by: { person: "Ana", device: "tablet-3" }, text: "Ana · tablet-3" },
  { by: { reader: "dock-1", antenna: 2 }, text: "reader dock-1, antenna 2" },
  { by: { person: "local tools" }, text: "a tool on the server" },
  { by: {}, text: "the system" },
])("$by is $text", ({ by, text }) => {
  expect(byText(by)).toBe(text);
});
