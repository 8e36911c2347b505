import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findingCodes } from "@tagwire/messages";
import { expect, test } from "vitest";
import { faultsUnderLoad, seededFaults } from "./test-faults.ts";

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
    const [, why] = /; not under load: (.+) $/.exec(files) ?? [];
    return { codes: named(codes), files: named(files), why };
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

const codesUnderLoad = new Set(faultsUnderLoad.map(({ code }) => code));

test("far more ways to be wrong are made while everybody scans than have to be, and of as many kinds as have to be", () => {
  const names = faultsUnderLoad.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(seededFaults.length).toBeGreaterThan(2 * classesMin);
  expect(codesUnderLoad.size).toBeGreaterThanOrEqual(classesMin);
});

test("every kind is found while everybody scans, as what a fault is and not only what follows from one, or the table says why it cannot be", () => {
  const told = rows.flatMap(({ codes, why }) => codes.filter(() => why === undefined));
  expect([...codesUnderLoad].sort()).toEqual(told.sort());
  const isUnderLoad = ({ files }: { files: readonly string[] }) =>
    files.some((file) => file.startsWith("test-faults"));
  expect(rows.filter((row) => isUnderLoad(row) === (row.why !== undefined))).toEqual([]);
});

test("the page says how many faults are made under load, and how many of the codes they are found as", () => {
  const told = /(\d+) faults by name, and (\d+) of the (\d+) codes/.exec(readme)?.slice(1).map(Number);
  expect(told).toEqual([faultsUnderLoad.length, codesUnderLoad.size, findingCodes.length]);
});
