import { expect, test } from "vitest";
import { drawLabel, labelsIn } from "./label-drawing.ts";

const label = [
  "^XA",
  "^CI28",
  "^RFW,H,,,A^FD3034257BF7194E4000001A85^FS",
  "^FO30,30^A0N,40,40^FH^FDSt_C3_BChle _5EFS^FS",
  "^FO30,80^A0N,24,24^FH^FDurn:epc:id:sgtin:0614141.812345.6789^FS",
  "^FO30,120^BQN,2,5^FH^FDQA,3034257BF7194E4000001A85^FS",
  "^XZ",
  "",
].join("\n");

test("a label shows what the file says, and what is written into the chip", () => {
  expect(drawLabel(label)).toEqual({
    parts: [
      { kind: "text", x: 30, y: 30, size: 40, text: "Stühle ^FS" },
      { kind: "text", x: 30, y: 80, size: 24, text: "urn:epc:id:sgtin:0614141.812345.6789" },
      { kind: "code", x: 30, y: 120, size: 125, text: "3034257BF7194E4000001A85" },
    ],
    written: "3034257BF7194E4000001A85",
  });
});

test("a tag that no chip can hold is printed and not written", () => {
  expect(drawLabel(label.replace(/\^RFW.*\n/, "")).written).toBeUndefined();
});

test("a file is as many labels as it has", () => {
  expect(labelsIn(label + label)).toHaveLength(2);
  expect(labelsIn("tag_id,common_name")).toHaveLength(0);
});
