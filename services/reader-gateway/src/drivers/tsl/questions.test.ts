import { expect, test } from "vitest";
import { question } from "./questions.ts";

const judge = (command: string, lines: readonly string[]) => lines.map(question(command).judge);
const epc = "EP: 330DE29525C0210005F5F8F2";

test.each([
  { what: "with a tag", trigger: ["CS: .iv", epc, "RI: -61", "OK:"] },
  { what: "without one", trigger: ["CS: .iv", "ER: 005"] },
])("what the trigger reads $what is no answer to a setting, and the refusal behind it is", ({ trigger }) => {
  const judged = judge(".iv -o 20 -n", [...trigger, "", "CS: .iv -o 20 -n", "ER: 001"]);
  expect(judged.slice(0, -1)).toEqual(judged.slice(0, -1).map(() => "other"));
  expect(judged.at(-1)).toMatchObject({ code: expect.stringContaining("reader.") });
  expect(judge(".iv -o 20 -n", [...trigger, "CS: .iv -o 20 -n", "OK:"]).at(-1)).toBe("answer");
});

test("a round is over with its tags, and with none", () => {
  expect(judge(".iv", ["CS: .iv", epc, "OK:"]).at(-1)).toBe("answer");
  expect(judge(".iv", ["CS: .iv", "ER: 005"]).at(-1)).toBe("answer");
});
