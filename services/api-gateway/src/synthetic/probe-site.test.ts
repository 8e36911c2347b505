import { isTrainingSite, partitionOf } from "@tagwire/messages";
import { expect, test } from "vitest";
import { isProbeSite, probedSites, probeSiteOf } from "./probe-site.ts";

const sites = [
  "n",
  "north",
  "a-site-with-a-name-of-32-letters",
  ...Array.from({ length: 200 }, (_, at) => `s${at}`),
];

test("a probe site is for practice, has an id that a site may have, and the owner of the real one", () => {
  for (const site of sites) {
    const probe = probeSiteOf(site);
    expect(probe).toMatch(/^[a-z0-9-]{1,32}$/);
    expect([isProbeSite(probe), isTrainingSite(probe), partitionOf(probe)]).toEqual([
      true,
      true,
      partitionOf(site),
    ]);
    expect(probeSiteOf(site)).toBe(probe);
  }
  expect(new Set(sites.map(probeSiteOf)).size).toBe(sites.length);
});

test("sites for practice, and those of test scans, have none", () => {
  expect(probedSites(["north", "training-hall", probeSiteOf("north")])).toEqual(["north"]);
});
