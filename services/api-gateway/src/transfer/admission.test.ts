import { expect, test } from "vitest";
import { admitCallersUpTo, admitUpTo } from "./admission.ts";

test("so many are inside at one time, and who leaves twice makes room once", () => {
  const admit = admitUpTo(1, "files");
  const leave = admit();
  expect(admit).toThrowError("1 files are under way already");
  leave();
  leave();
  admit();
  expect(admit).toThrowError();
});

test("one caller takes half of the places, and the other half is for others", () => {
  const admit = admitCallersUpTo(4, "files");
  const [first] = [admit("a"), admit("a")];
  expect(() => admit("a")).toThrowError("2 files of yours are under way already");
  admit("b");
  admit("c");
  // Nobody who is turned away keeps a place, neither of all nor of their own.
  for (let tries = 0; tries < 3; tries += 1)
    expect(() => admit("d")).toThrowError("4 files are under way already");
  first?.();
  first?.();
  admit("d");
  expect(() => admit("d")).toThrowError("4 files are under way already");
});

test("where there is one place, one caller may have it", () => {
  const admit = admitCallersUpTo(1, "files");
  const leave = admit("a");
  expect(() => admit("b")).toThrowError();
  leave();
  admit("b");
});
