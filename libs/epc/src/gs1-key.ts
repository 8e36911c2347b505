import { valueField } from "./application-identifier.ts";
import { checkDigit } from "./check-digit.ts";
import { outOfRange } from "./epc-error.ts";
import type { Field } from "./field.ts";

/**
 * A kind of GS1 key that names one single thing. The same name is written in two ways: as the parts of a pure identity, which says
 * where the company prefix ends and leaves the check digit out, and as the values of application identifiers, which does neither.
 */
export type Gs1Key = {
  /** As in pure identities: "sgtin". */
  readonly name: string;
  /** The application identifiers that together name one thing, the key's own first. */
  readonly identifiers: readonly string[];
  /** How the value of each identifier lies on a tag of TDS 2.x. */
  readonly fields: readonly Field[];
  /** What may stand behind the key in the path of a link besides, in this order, without being part of the name. */
  readonly qualifiers: readonly string[];
  /** The digits of the first value up to its check digit; none where there is no such digit. */
  readonly checked: number;
  /** Whether a serial number follows the check digit within the first value: without it, it names a kind of thing. */
  readonly isSerialWithin: boolean;
  readonly valuesOf: (parts: readonly string[]) => readonly string[];
  readonly partsOf: (values: readonly string[], prefixDigits: number) => readonly string[];
};

const withCheckDigit = (digits: string): string => digits + checkDigit(digits);

/** In SGTIN, ITIP and SSCC the first digit of the reference is the indicator or extension digit and leads the key. */
const leadingDigitFirst = (company: string, reference: string): string =>
  withCheckDigit(reference.slice(0, 1) + company + reference.slice(1));

const behindLeadingDigit = (key: string, prefixDigits: number): readonly [string, string] => [
  key.slice(1, 1 + prefixDigits),
  key.slice(0, 1) + key.slice(1 + prefixDigits, -1),
];

const behindPrefix = (key: string, prefixDigits: number): readonly [string, string] => [
  key.slice(0, prefixDigits),
  key.slice(prefixDigits),
];

type Shape = Omit<Gs1Key, "fields" | "qualifiers" | "isSerialWithin"> &
  Partial<Pick<Gs1Key, "qualifiers" | "isSerialWithin">>;

const key = (shape: Shape): Gs1Key => ({
  qualifiers: [],
  isSerialWithin: false,
  ...shape,
  fields: shape.identifiers.map(valueField).filter((field) => field !== undefined),
});

/** A service relation, of who receives or of who provides. */
const serviceRelation = (name: string, identifier: string): Gs1Key =>
  key({
    name,
    identifiers: [identifier],
    qualifiers: ["8019"],
    checked: 18,
    valuesOf: ([company = "", service = ""]) => [withCheckDigit(company + service)],
    partsOf: ([relation = ""], prefixDigits) => behindPrefix(relation.slice(0, -1), prefixDigits),
  });

/** A type of thing of thirteen digits with the serial number of one thing behind it. */
const typeAndSerial = (name: string, identifier: string): Gs1Key =>
  key({
    name,
    identifiers: [identifier],
    checked: 13,
    isSerialWithin: true,
    valuesOf: ([company = "", type = "", serial = ""]) => [withCheckDigit(company + type) + serial],
    partsOf: ([value = ""], prefixDigits) => [
      ...behindPrefix(value.slice(0, 12), prefixDigits),
      value.slice(13),
    ],
  });

const keys: readonly Gs1Key[] = [
  key({
    name: "sgtin",
    identifiers: ["01", "21"],
    qualifiers: ["22", "10"],
    checked: 14,
    valuesOf: ([company = "", item = "", serial = ""]) => [leadingDigitFirst(company, item), serial],
    partsOf: ([item = "", serial = ""], prefixDigits) => [...behindLeadingDigit(item, prefixDigits), serial],
  }),
  key({
    name: "itip",
    identifiers: ["8006", "21"],
    qualifiers: ["22", "10"],
    checked: 14,
    valuesOf: ([company = "", item = "", piece = "", total = "", serial = ""]) => [
      leadingDigitFirst(company, item) + piece + total,
      serial,
    ],
    partsOf: ([piece = "", serial = ""], prefixDigits) => [
      ...behindLeadingDigit(piece.slice(0, 14), prefixDigits),
      piece.slice(14, 16),
      piece.slice(16),
      serial,
    ],
  }),
  key({
    name: "sscc",
    identifiers: ["00"],
    checked: 18,
    valuesOf: ([company = "", serial = ""]) => [leadingDigitFirst(company, serial)],
    partsOf: ([unit = ""], prefixDigits) => behindLeadingDigit(unit, prefixDigits),
  }),
  key({
    name: "sgln",
    identifiers: ["414", "254"],
    checked: 13,
    valuesOf: ([company = "", location = "", extension = ""]) => [
      withCheckDigit(company + location),
      extension,
    ],
    partsOf: ([location = "", extension = ""], prefixDigits) => [
      ...behindPrefix(location.slice(0, -1), prefixDigits),
      extension,
    ],
  }),
  key({
    name: "grai",
    identifiers: ["8003"],
    checked: 14,
    isSerialWithin: true,
    /** The number of a returnable asset has a filler zero in front. */
    valuesOf: ([company = "", type = "", serial = ""]) => [`0${withCheckDigit(company + type)}${serial}`],
    partsOf: ([asset = ""], prefixDigits) => [
      ...behindPrefix(asset.slice(1, 13), prefixDigits),
      asset.slice(14),
    ],
  }),
  key({
    name: "giai",
    identifiers: ["8004"],
    checked: 0,
    valuesOf: ([company = "", reference = ""]) => [company + reference],
    partsOf: ([asset = ""], prefixDigits) => behindPrefix(asset, prefixDigits),
  }),
  serviceRelation("gsrn", "8018"),
  serviceRelation("gsrnp", "8017"),
  typeAndSerial("gdti", "253"),
  typeAndSerial("sgcn", "255"),
  key({
    name: "cpi",
    identifiers: ["8010", "8011"],
    checked: 0,
    valuesOf: ([company = "", reference = "", serial = ""]) => [company + reference, serial],
    partsOf: ([part = "", serial = ""], prefixDigits) => [...behindPrefix(part, prefixDigits), serial],
  }),
];

const byName = new Map(keys.map((one) => [one.name, one]));
const byIdentifier = new Map(keys.map((one) => [one.identifiers[0], one]));

/** The kind of key that an identity such as "sgtin" is; null for one that is no GS1 key. */
export const keyNamed = (identity: string): Gs1Key | null => byName.get(identity) ?? null;

export const keyWithIdentifier = (identifier: string): Gs1Key | undefined => byIdentifier.get(identifier);

/**
 * Checks what the characters alone do not tell: the check digit, the filler zero of a GRAI, and that one thing is named, not a kind.
 *
 * A tag of TDS 2.x holds the check digit, and one that is wrong is taken for what it mostly is: bits that were never meant as GS1's.
 *
 * @throws EpcError `epc_out_of_range`
 */
export const checkKey = (
  { name, checked, isSerialWithin }: Gs1Key,
  [value = ""]: readonly string[],
): void => {
  const digits = value.slice(0, checked);
  if (digits !== "" && checkDigit(digits.slice(0, -1)) !== digits.slice(-1))
    throw outOfRange(`the check digit of ${digits} is wrong`);
  if (name === "grai" && !value.startsWith("0")) throw outOfRange(`the GRAI ${digits} does not begin with 0`);
  if (isSerialWithin && value.length === checked) throw outOfRange(`${digits} has no serial number`);
};
