/**
 * The GS1 check digit of a number that still lacks it: from the right, digits weigh 3, 1, 3, 1 …
 * (GS1 General Specifications, "Check digit calculations").
 */
export const checkDigit = (digits: string): string => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1;
    sum += weight * Number(digits[index]);
  }
  return String((10 - (sum % 10)) % 10);
};
