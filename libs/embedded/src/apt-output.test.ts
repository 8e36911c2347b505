import { expect, test } from "vitest";
import { basesToAsk, parseArchives, parseCandidate, parseOsRelease } from "./apt-output.ts";

const printed = `Get:1 something that is no archive
'http://mirror.test/debian-security/dists/bookworm-security/InRelease' mirror.test_x_InRelease 0
'http://mirror.test/extra/dists/stable/InRelease' mirror.test_y_InRelease 0
'http://mirror.test/debian/dists/bookworm/InRelease' mirror.test_z_InRelease 0
'http://mirror.test/debian/dists/bookworm-updates/InRelease' mirror.test_w_InRelease 0
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' mirror.test_p_Packages 0
`;

test("the archives are those with a signed release file", () => {
  expect(parseArchives(printed).map(({ suite }) => suite)).toEqual([
    "bookworm-security",
    "stable",
    "bookworm",
    "bookworm-updates",
  ]);
});

test("the archive of this release is asked first, those of updates never", () => {
  expect(basesToAsk(parseArchives(printed), "bookworm")).toEqual([
    "http://mirror.test/debian",
    "http://mirror.test/extra",
  ]);
});

test("without archives there is nobody to ask", () => {
  expect(basesToAsk(parseArchives("E: nothing set up"), "bookworm")).toEqual([]);
});

test.each([
  ["nats-server:\n  Installed: (none)\n  Candidate: 2.15.1-1+b2\n  Version table:\n", "2.15.1-1+b2"],
  ["nats-server:\n  Installed: (none)\n  Candidate: (none)\n", undefined],
  ["", undefined],
])("the candidate of %j is %s", (policy, version) => {
  expect(parseCandidate(policy)).toBe(version);
});

test("os-release values come with and without quotes", () => {
  const fields = parseOsRelease(
    "ID=debian\nPRETTY_NAME=\"Debian 12 (bookworm)\"\nVERSION_CODENAME='bookworm'\n# no\n",
  );
  expect(Object.fromEntries(fields)).toEqual({
    ID: "debian",
    PRETTY_NAME: "Debian 12 (bookworm)",
    VERSION_CODENAME: "bookworm",
  });
});
