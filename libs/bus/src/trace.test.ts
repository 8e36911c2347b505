import { expect, test } from "vitest";
import { inSpan, isSampled, startSpan, traceIdOf, traceparentOf } from "./trace.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${trace}-b7ad6b7169203331-01`;

test.each<[string, string, boolean]>([
  [traceparent, trace, true],
  [traceparent.replace(/01$/, "00"), trace, false],
  [traceparent.replace(/01$/, "03"), trace, true],
  [traceparent.toUpperCase(), "", false],
  [traceparent.replace("00-", "01-"), "", false],
  [`${traceparent}-more`, "", false],
  ["", "", false],
])("%j is of the trace %j, sampled %s", (text, id, sampled) => {
  expect(traceIdOf(text)).toBe(id);
  expect(isSampled(text)).toBe(sampled);
});

test("without telemetry a child stays in its parent's trace, and a parent of zeros is none", () => {
  expect(traceIdOf(traceparentOf(startSpan("child", { parent: traceparent })))).toBe(trace);
  const nobody = `00-${"0".repeat(32)}-b7ad6b7169203331-01`;
  expect(traceparentOf(startSpan("child", { parent: nobody }))).not.toContain("b7ad6b7169203331");
});

test("a span ends with the error of its work", async () => {
  await expect(inSpan("work", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await inSpan("work", { links: [traceparent, "nonsense"] }, async () => 7)).toBe(7);
});
