import { alphanumeric } from "./alphanumeric.ts";
import { countedDigits, delimited, digitsInHex, packedDigits } from "./coded-digits.ts";
import { date, dateAndTime, dateOrRange, timeOfAnyPrecision } from "./date.ts";
import { type Field, joined } from "./field.ts";
import { country, minusSign, oneBit, sequenceOf } from "./small-codes.ts";

const range = (text: string): readonly string[] => {
  if (text.endsWith("x")) return range(`${text.slice(0, -1)}0-${text.slice(0, -1)}9`);
  const [first = "", last = first] = text.split("-");
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, index) =>
    String(Number(first) + index).padStart(first.length, "0"),
  );
};

/** Weights, lengths, areas and volumes; a last digit from 0 to 5 says where the decimal point is. */
const measures = ["310-316", "320-337", "340-357", "360-369"]
  .flatMap(range)
  .map((measure) => `${measure}0-${measure}5`)
  .join(" ");

/**
 * How the value of each GS1 application identifier lies on a tag of TDS 2.x ("Table F" there): in the path of a `+` scheme and in the
 * data behind it. `x` stands for any last digit, `a-b` for all from a to b.
 */
const groups: readonly (readonly [identifiers: string, Field])[] = [
  ["00 8006 8017-8018 8026", digitsInHex(18)],
  ["01-02", digitsInHex(14)],
  ["410-417", digitsInHex(13)],
  ["7241", digitsInHex(2)],
  ["7252", packedDigits(1)],
  ["20", packedDigits(2)],
  ["422 424 426", packedDigits(3)],
  ["3940-3943 8111", packedDigits(4)],
  [measures, packedDigits(6)],
  ["3950-3953 8005", packedDigits(6)],
  ["7250", packedDigits(8)],
  ["7251", packedDigits(12)],
  ["7001", packedDigits(13)],
  ["8001", packedDigits(14)],
  ["402", packedDigits(17)],
  ["4309", packedDigits(20)],
  ["7004", countedDigits(4)],
  ["242", countedDigits(6)],
  ["30 37", countedDigits(8)],
  ["8019", countedDigits(10)],
  ["8011", countedDigits(12)],
  ["390x 392x 423 425", countedDigits(15)],
  ["11-13 15-17 4326 7006", date],
  ["4324-4325 7003", dateAndTime],
  ["7007", dateOrRange],
  ["7011 8008", timeOfAnyPrecision],
  ["7010", alphanumeric(2)],
  ["427 7008", alphanumeric(3)],
  ["7040-7041", alphanumeric(4)],
  ["7009 7255", alphanumeric(10)],
  ["7005", alphanumeric(12)],
  ["10 21-22 243 254 420 4318 7020-7022 710-716 7240 8002 8012", alphanumeric(20)],
  ["8007", alphanumeric(24)],
  ["7242 8013 8020", alphanumeric(25)],
  ["235", alphanumeric(28)],
  ["240-241 250-251 400-401 403 4308 4319 7002 723x 90", alphanumeric(30)],
  ["4300-4301 4310-4311 4320", alphanumeric(35)],
  ["7253-7254 7259", alphanumeric(40)],
  ["8009", alphanumeric(50)],
  ["4302-4306 4312-4316 7257 8110 8112 8200", alphanumeric(70)],
  ["7256 8030 91-99", alphanumeric(90)],
  ["4307 4317", country],
  ["4321-4323", oneBit],
  ["7258", sequenceOf],
  ["7023 8004", delimited(30)],
  ["8010", delimited(30, /^[#\-/0-9A-Z]*$/)],
  ["253", joined(13, digitsInHex(13), alphanumeric(17, { charactersMin: 0 }))],
  ["255", joined(13, digitsInHex(13), countedDigits(12, { digitsMin: 0 }))],
  ["8003", joined(14, digitsInHex(14), alphanumeric(16, { charactersMin: 0 }))],
  ["391x 393x", joined(3, packedDigits(3), countedDigits(15))],
  ["421", joined(3, packedDigits(3), alphanumeric(9))],
  ["703x", joined(3, packedDigits(3), alphanumeric(27))],
  ["4330-4333", joined(6, packedDigits(6), minusSign)],
];

const fields: ReadonlyMap<string, Field> = new Map(
  groups.flatMap(([identifiers, field]) =>
    identifiers
      .split(" ")
      .flatMap(range)
      .map((identifier) => [identifier, field] as const),
  ),
);

/** How the value of an application identifier lies on a tag; undefined for one that TDS 2.3 does not know. */
export const valueField = (identifier: string): Field | undefined => fields.get(identifier);

const digitsByStart: ReadonlyMap<string, number> = new Map(
  [...fields.keys()].map((identifier) => [identifier.slice(0, 2), identifier.length]),
);

/** How many digits an identifier has, told by its first two ("Table K"); undefined where none begins so. */
export const identifierDigits = (firstTwo: string): number | undefined => digitsByStart.get(firstTwo);
