import { type Asker, noteOf, type SettingsNote } from "./settings-notes.ts";

/** Whoever changes settings in a test. */
export const tester: Asker = {
  by: { device: "test" },
  traceparent: "00-00000000000000000000000000000001-0000000000000001-01",
};

/** The note of a reader that a test adds. */
export const testNote = (subject: string): SettingsNote =>
  noteOf(tester, { about: "reader", subject, was: null, now: {} });
