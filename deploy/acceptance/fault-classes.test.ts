import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findingCodes } from "@tagwire/messages";
import { expect, test } from "vitest";
import { seededFaults } from "./test-faults.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "services/health-check/README.md"), "utf8");
const classesMin = 40;

/** The rows of the page's table: what a fault is called, and the files that make it. */
const rows = readme
  .slice(readme.indexOf("## What is found"))
  .split("\n")
  .filter((line) => line.startsWith("| ") && line.includes("`"))
  .map((line) => {
    const [, , codes = "", files = ""] = line.split("|");
    const named = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    return { codes: named(codes), files: named(files) };
  });

const pathOf = (file: string): string => join(root, file.includes("/") ? file : `deploy/acceptance/${file}`);

test("every kind of finding is in the table of what is found, once", () => {
  expect(rows.flatMap(({ codes }) => codes).sort()).toEqual([...findingCodes].sort());
});

test("whatever the table says is seeded in a file is there by its name", () => {
  const missing = rows.flatMap(({ codes, files }) => {
    const texts = files.map((file) => (existsSync(pathOf(file)) ? readFileSync(pathOf(file), "utf8") : ""));
    const named = codes.filter((code) => files.length === 0 || texts.some((text) => text.includes(code)));
    const empty = files.filter((_, at) => !codes.some((code) => texts[at]?.includes(code)));
    return [...codes.filter((code) => !named.includes(code)), ...empty];
  });
  expect(missing).toEqual([]);
});

test("far more ways to be wrong are seeded while everybody scans than have to be", () => {
  expect(new Set(seededFaults.map(({ name }) => name)).size).toBe(seededFaults.length);
  expect(seededFaults.length).toBeGreaterThan(2 * classesMin);
});

test("a kind that the table says is seeded by plain SQL is what a fault is found as, and not only what follows from one", () => {
  const bySql = rows
    .filter(({ files }) => files.some((file) => file.startsWith("test-faults")))
    .flatMap(({ codes }) => codes);
  expect([...new Set(seededFaults.map(({ code }) => code))].sort()).toEqual(bySql.sort());
});

test("the page says how many faults are made under load, and how many of the codes they are found as", () => {
  const codes = new Set(seededFaults.map(({ code }) => code)).size;
  expect(readme).toContain(
    `${seededFaults.length} faults by name, and ${codes} of the ${findingCodes.length} codes`,
  );
});
