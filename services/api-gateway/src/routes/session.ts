import { Fault } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { clearSessionCookie, sessionOf, setSessionCookie } from "../edge/credentials.ts";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { Refusal } from "../edge/problem.ts";
import { openSignInLimit } from "../edge/sign-in-limit.ts";
import { closeSession, openSession, type Session } from "../store/sessions.ts";
import { consumeToken } from "../store/setup.ts";
import { problems } from "./schema.ts";

const tags = ["Session"];
const secretLengthMax = 512;
const secret = Type.String({ minLength: 1, maxLength: secretLengthMax });
const SignIn = Type.Union([
  Type.Object({ token: secret }, { additionalProperties: false }),
  Type.Object({ key: secret }, { additionalProperties: false }),
]);
const SessionView = Type.Object({
  name: Type.String(),
  demo: Type.Boolean({ description: "whether this system shows the demo site" }),
  now: Type.String({
    format: "date-time",
    description:
      "the server's clock, to the millisecond: a page learns from it how far the device's own clock is off",
  }),
});

/** Whoever comes by the setup link: the person who runs the system. */
const setupName = "admin";

export const session = (app: Gateway, { store, credentials, config }: Edge): void => {
  const limit = openSignInLimit(() => performance.now());
  const sessionView = (name: string) => ({ name, demo: config.isDemo, now: new Date().toISOString() });

  const signIn = async (body: Type.Static<typeof SignIn>): Promise<Session | undefined> => {
    if ("token" in body)
      return (await consumeToken(store.db, body.token)) ? { name: setupName, keyId: null } : undefined;
    const principal = await credentials.byKey(body.key);
    return principal === undefined ? undefined : { name: principal.name, keyId: principal.keyId };
  };

  app.post(
    "/session",
    {
      config: { open: true },
      schema: {
        operationId: "signIn",
        tags,
        summary: "Sign a browser in with a key or a one-time link",
        body: SignIn,
        security: [],
        response: { 200: SessionView, ...problems(429) },
      },
    },
    async (request, reply) => {
      checkLimit(limit.waitSeconds(request.ip));
      const opened = await signIn(request.body);
      if (opened === undefined) {
        limit.failed(request.ip);
        throw new Fault("unauthenticated", "the key or link is not valid, or was used already");
      }
      await endOld(request);
      setSessionCookie(request, reply, await openSession(store.db, opened));
      return sessionView(opened.name);
    },
  );

  const endOld = async (request: FastifyRequest): Promise<void> => {
    const old = sessionOf(request);
    if (old === undefined) return;
    await closeSession(store.db, old);
    credentials.forget();
  };

  app.get(
    "/session",
    {
      schema: {
        operationId: "getSession",
        tags,
        summary: "Who is signed in",
        response: { 200: SessionView, ...problems() },
      },
    },
    async (request) => sessionView(principalOf(request).name),
  );

  app.delete(
    "/session",
    {
      schema: {
        operationId: "signOut",
        tags,
        summary: "Sign the browser out",
        response: { 204: Type.Null({ description: "signed out" }), ...problems() },
      },
    },
    async (request, reply) => {
      await endOld(request);
      clearSessionCookie(request, reply);
      return reply.status(204).send(null);
    },
  );
};

const checkLimit = (waitSeconds: number): void => {
  if (waitSeconds > 0)
    throw new Refusal({
      code: "rate_limited",
      detail: "Too many failed sign-ins from this address.",
      retryAfterSeconds: waitSeconds,
    });
};
