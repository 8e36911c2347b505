import { malformed, outOfRange } from "./epc-error.ts";
import { type Field, paddedDigits } from "./field.ts";

/** How much room the company prefix takes; what follows it gets the rest. */
export type CompanyPrefix = { readonly digits: number; readonly bits: number };

const partitionBits = 3;

/** Row n is partition value n (the same in every partition table of TDS 1.13). Value 7 means nothing. */
const partitions: readonly CompanyPrefix[] = [
  { digits: 12, bits: 40 },
  { digits: 11, bits: 37 },
  { digits: 10, bits: 34 },
  { digits: 9, bits: 30 },
  { digits: 8, bits: 27 },
  { digits: 7, bits: 24 },
  { digits: 6, bits: 20 },
];

/**
 * The partition value, the GS1 company prefix and the field after it, whose size depends on the prefix. Together they
 * are two parts of the URI; the partition is told from the length of the prefix.
 */
export const companyPrefixThen = (reference: (prefix: CompanyPrefix) => Field): Field => {
  const rows = partitions.map((prefix) => ({
    digits: prefix.digits,
    company: paddedDigits(prefix.bits, prefix.digits),
    rest: reference(prefix),
  }));
  return {
    parts: 2,
    read: (bits) => {
      const row = rows[Number(bits.read(partitionBits))];
      if (row === undefined) throw outOfRange("partition 7 does not exist");
      return [...row.company.read(bits), ...row.rest.read(bits)];
    },
    write: (bits, [company = "", rest = ""]) => {
      const partition = rows.findIndex((row) => row.digits === company.length);
      const row = rows[partition];
      if (row === undefined) throw malformed(`"${company}" is not a company prefix of 6 to 12 digits`);
      bits.write(BigInt(partition), partitionBits);
      row.company.write(bits, [company]);
      row.rest.write(bits, [rest]);
    },
  };
};
