import { defaultRequestTimeoutMs } from "@tagwire/bus";
import {
  AskTestRead,
  BeginTestRead,
  ReaderId,
  SiteId,
  TestRead,
  testReadSecondsDefault,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { instruct } from "../edge/questions.ts";
import { nullable, problems } from "./schema.ts";

/** Both whoever passes the question on and whoever answers it may take as long as for any other, besides the test itself. */
const answerMsMax = 2 * defaultRequestTimeoutMs;

/** `POST /sites/{site}/readers/{id}:test-read`: what a reader hears just now, of which nothing becomes. */
export const testRead = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/readers/:id(^[A-Za-z0-9_-]+)::test-read",
    {
      schema: {
        operationId: "testReadReader",
        tags: ["Readers"],
        summary: "Listen to a reader for some seconds and tell what it hears",
        description:
          "Answered when the time is over. What is heard meanwhile becomes no observation and moves no stock: the reader's ledger has it as filtered by the rule `test`. A reader that does not read is `reader.idle`, one that is tested already `reader.busy`.",
        params: Type.Object({ site: SiteId, id: ReaderId }),
        body: nullable(BeginTestRead),
        response: { 200: TestRead, ...problems(404, 409) },
      },
    },
    async ({ params, body }) => {
      await sites.check(params.site);
      const seconds = body?.seconds ?? testReadSecondsDefault;
      return instruct(bus, AskTestRead, { ...params, seconds }, seconds * 1_000 + answerMsMax);
    },
  );
};
