import { findTagsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { meantOf, soughtMax, soughtOf, soughtQuery, tagsIn } from "./sought.ts";

test("as many tags are looked for as the server takes", () => {
  expect(soughtMax).toBe(findTagsMax);
  const many = Array.from({ length: soughtMax + 1 }, (_, index) => `TAG-${index}`);
  expect(soughtOf(soughtQuery(many))).toHaveLength(soughtMax);
});

test("an address says each tag once, whatever it is written like", () => {
  expect(soughtOf(new URLSearchParams("tag=30ab&tag=%2030AB&tag=&tag=Stuhl 7"))).toEqual(["30AB", "Stuhl 7"]);
  expect(soughtOf(soughtQuery(["A&B", "30AB"]))).toEqual(["A&B", "30AB"]);
});

test("a pasted list is one tag in each line", () => {
  expect(tagsIn("30ab\r\n\n 30AC ;Stuhl 7")).toEqual(["30AB", "30AC", "Stuhl 7"]);
});

test("a name means the only thing that has it, and of several none", () => {
  expect(meantOf("30AB", [])).toBe("30AB");
  expect(meantOf("30AB", ["30ABC", "30AB"])).toBe("30AB");
  expect(meantOf("Stuhl 7", ["30AB"])).toBe("30AB");
  expect(meantOf("Stuhl", ["30AB", "30AC"])).toBeUndefined();
});
