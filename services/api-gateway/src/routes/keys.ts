import { Fault, visibleText } from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { isBrowserName } from "../edge/principal.ts";
import { malformedAt } from "../edge/problem.ts";
import { type ApiKeyRow, createKey, listKeys, revokeKey } from "../store/keys.ts";
import { listOf, nullable, problems } from "./schema.ts";

const tags = ["Keys"];
const CreateKey = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 80, pattern: visibleText }) },
  { additionalProperties: false },
);
const NewKey = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    key: Type.String({ description: "shown this once" }),
  },
  { description: "the new key, whose text is shown this once" },
);
const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.String(),
  createdAt: Type.String(),
  lastUsedAt: nullable(Type.String()),
  revokedAt: nullable(Type.String()),
});

export const keys = (app: Gateway, { store, credentials }: Edge): void => {
  app.post(
    "/keys",
    {
      schema: {
        operationId: "createKey",
        tags,
        summary: "Make an API key",
        description:
          "It holds until it is revoked. The key in the setting TAGWIRE_ADMIN_KEY is not among these: it holds for as long as the setting does.",
        body: CreateKey,
        response: { 201: NewKey, ...problems() },
      },
    },
    async ({ body }, reply) => {
      // A key of that name would be the browser of somebody else.
      if (isBrowserName(body.name))
        throw malformedAt("/name", "must not be a name that browsers give themselves");
      return reply.status(201).send(await createKey(store.db, body.name));
    },
  );

  app.get(
    "/keys",
    {
      schema: {
        operationId: "listKeys",
        tags,
        summary: "API keys",
        response: { 200: listOf(Key), ...problems() },
      },
    },
    async () => ({ data: (await listKeys(store.db)).map(keyView), nextCursor: null }),
  );

  app.delete(
    "/keys/:id",
    {
      schema: {
        operationId: "revokeKey",
        tags,
        summary: "End an API key and the sessions opened with it",
        params: Type.Object({ id: Type.String({ maxLength: 64, pattern: visibleText }) }),
        response: { 204: Type.Null({ description: "ended" }), ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const ended = await revokeKey(store.db, params.id);
      credentials.forget();
      if (!ended) throw new Fault("not_found", "no such key, or it has ended already");
      return reply.status(204).send(null);
    },
  );
};

/** A key as people see it: never its text. */
export const keyView = (row: ApiKeyRow) => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
