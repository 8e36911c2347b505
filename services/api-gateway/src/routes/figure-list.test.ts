import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { boardPage } from "./board-page.ts";
import { figureLists } from "./figure-list.ts";

test.each(figureLists)(
  "the example of $operationId is an answer, and its filter is what the question takes",
  (list) => {
    const schema = boardPage(list.question.answer.properties);
    expect([...Value.Errors(schema, list.example)]).toEqual([]);
    const { properties } = list.question.question as unknown as { properties: object };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(list.filter.properties)));
  },
);
