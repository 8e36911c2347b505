import { expect, test } from "vitest";
import { oddTag, tellOddReads } from "./odd-reads.ts";
import { recordingHost } from "./recording-host.ts";

test.each([
  { what: "no EPC", epc: "", odd: "tag_blank" },
  { what: "an EPC of 256 bits", epc: "A".repeat(64), odd: undefined },
  { what: "an EPC of 260 bits", epc: "A".repeat(65), odd: "tag_too_long" },
])("a tag with $what is $odd", ({ epc, odd }) => {
  expect(oddTag(epc)).toBe(odd);
});

test("the first odd read is told, then the tenth, the hundredth and so on, however they are counted", () => {
  const host = recordingHost();
  const tell = tellOddReads(host);
  for (let times = 0; times < 12; times += 1) tell("tag_blank", 1);
  tell("tag_too_long", 7);
  tell("tag_blank", 988);
  const told = host.notices.map((one) =>
    one.kind === "warning" ? `${one.code} ${/\d+\)$/.exec(one.message)?.[0]}` : "",
  );
  expect(told).toEqual(["tag_blank 1)", "tag_blank 10)", "tag_too_long 7)", "tag_blank 1000)"]);
});
