/*
 * How far two sides may be apart and still say the same, field by field. Status, place, role, quality, contract and rental class have
 * none: they are the same word in its one form, or they differ.
 */

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** RFIDpro writes whole seconds of the scanner's clock; an upload may round them either way. */
export const scanToleranceMs = 2 * secondMs;
/** When a thing was seen last: whoever scanned it on two systems did so in the same minute. */
export const lastScanToleranceMs = minuteMs;
/** The same scan under two clocks: a scanner whose summer time was never set is an hour wrong, and a zone more is two. */
export const clockSkewMsMax = 125 * minuteMs;
/** A scan that RFIDpro took so long after it was made was uploaded late. */
export const lateUploadMs = 10 * minuteMs;
/** A scan that says it was made so long after RFIDpro took it has a clock that runs ahead. */
export const clockAheadMs = 5 * minuteMs;
/** What happened so shortly before a pull began may not have reached both sides yet. */
export const windowSkewMs = 5 * minuteMs;
