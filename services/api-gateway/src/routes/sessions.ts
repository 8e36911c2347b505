import {
  AskSession,
  AskSessions,
  AskSessionTags,
  BeginSession,
  BegunSession,
  ClientId,
  CloseSession,
  DeclareSession,
  Fault,
  JoinSession,
  type Session,
  SessionMode,
  SessionTag,
  SessionView,
  SiteId,
  StationId,
  sessionFindings,
  sessionStates,
  sessionView,
} from "@tagwire/messages";
import Type, { type Static } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { refuseOthersDevice } from "../edge/principal.ts";
import { inquire } from "../edge/questions.ts";
import { pageDefault, pageQuery, positionIn, problems, recordListOf, SiteParams } from "./schema.ts";
import { contractWarnings } from "./session-contract.ts";
import { stationWarnings } from "./session-station.ts";

const tags = ["Sessions"];
export const SessionParams = Type.Object({ site: SiteId, id: ClientId });

/** What narrows sessions down, in a list and in a file. */
export const SessionsFilter = Type.Object({
  mode: Type.Optional(SessionMode),
  state: Type.Optional(Type.Enum(sessionStates)),
  contract: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  station: Type.Optional(StationId),
});

/** The filter as operations takes it. */
export const sessionsWanted = ({ mode, state, contract, station }: Static<typeof SessionsFilter>) => ({
  ...(mode === undefined ? {} : { mode }),
  ...(state === undefined ? {} : { state: [state] }),
  ...(contract === undefined ? {} : { contract }),
  ...(station === undefined ? {} : { station }),
});

export const SessionTagsFilter = Type.Object({ finding: Type.Optional(Type.Enum(sessionFindings)) });

const viewed = (session: Session | null, id: string) => {
  if (session === null) throw new Fault("session_unknown", id);
  return sessionView(session);
};

export const sessions = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/sites/:site/sessions",
    {
      schema: {
        operationId: "beginSession",
        tags,
        summary:
          "Begin a session; its id is made by the device, so that scans may come first and a repeat is safe",
        description:
          "With `station`, what the readers there hear while it is open are scans of it, as a person would make them. Where another session is open at that station, this one is refused with `station_busy`; `detail` says which is open, and `GET /sessions?station=…&state=open` finds it. Whoever wants to join it names it in their scans. `warnings` says why readers there would scan nothing into it, as things are: no such station, one that only sees, or none that listens; and that nobody has stated its contract. The session is begun all the same.",
        params: SiteParams,
        body: BeginSession,
        response: { 201: BegunSession, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { site } = request.params;
      const { id } = request.body;
      const [{ session }, ...warnings] = await Promise.all([
        sendCommand<"session.begin">(bus, site, {
          kind: "session.begin",
          ...envelopeOf(request),
          body: request.body,
        }),
        stationWarnings(bus, site, request.body.station),
        contractWarnings(bus, site, request.body.contract),
      ]);
      return reply
        .status(201)
        .header("location", `/api/v1/sites/${site}/sessions/${id.toLowerCase()}`)
        .send({ ...viewed(session, id), warnings: warnings.flat() });
    },
  );

  app.get(
    "/sites/:site/sessions",
    {
      schema: {
        operationId: "listSessions",
        tags,
        summary: "Sessions of a site, those that changed last first",
        params: SiteParams,
        querystring: Type.Object({ ...pageQuery, ...SessionsFilter.properties }),
        response: { 200: recordListOf(SessionView), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor, ...filter } = query;
      const answer = await inquire(bus, AskSessions, {
        site: params.site,
        limit,
        cursor: openCursor(cursor),
        ...sessionsWanted(filter),
      });
      return {
        data: answer.sessions.map(sessionView),
        nextCursor: sealCursor(answer.next),
        ...positionIn(answer),
      };
    },
  );

  app.get(
    "/sites/:site/sessions/:id",
    {
      schema: {
        operationId: "getScanSession",
        tags,
        summary: "What a session expected, found, did not expect and misses",
        params: SessionParams,
        response: { 200: SessionView, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { session, duplicates } = await inquire(bus, AskSession, {
        ...params,
        id: params.id.toLowerCase(),
      });
      // While it is open its events say nothing of repeats; whoever looks at it wants to know all the same.
      return { ...viewed(session, params.id), duplicates };
    },
  );

  app.get(
    "/sites/:site/sessions/:id/tags",
    {
      schema: {
        operationId: "listSessionTags",
        tags,
        summary: "The tags of a session, and why each is in it",
        params: SessionParams,
        querystring: Type.Object({ ...pageQuery, ...SessionTagsFilter.properties }),
        response: { 200: recordListOf(SessionTag), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { limit = pageDefault, cursor, finding } = query;
      const answer = await inquire(bus, AskSessionTags, {
        site: params.site,
        id: params.id.toLowerCase(),
        limit,
        cursor: openCursor(cursor),
        ...(finding === undefined ? {} : { finding }),
      });
      return { data: answer.tags, nextCursor: sealCursor(answer.next), ...positionIn(answer) };
    },
  );

  app.post(
    "/sites/:site/sessions/:id(^[0-9A-Fa-f-]+)::close",
    {
      // A device that keeps no count closes without a word.
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        operationId: "closeSession",
        tags,
        summary: "Close a session, and compare what each device has declared with what arrived of it",
        description:
          "`count` and `digest` are what the device that closes it has scanned itself; others declare theirs with `:declare`, before or after. Who leaves both out has declared nothing: `complete` is null while nobody has, and `waitingFor` names who scanned and said nothing.",
        params: SessionParams,
        body: CloseSession,
        response: { 200: SessionView, ...problems(403, 404, 409) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      refuseOthersDevice(principalOf(request), request.body.device);
      const { session } = await sendCommand<"session.close">(bus, site, {
        kind: "session.close",
        ...envelopeOf(request),
        body: { session: id, close: request.body },
      });
      return viewed(session, id);
    },
  );

  app.post(
    "/sites/:site/sessions/:id(^[0-9A-Fa-f-]+)::join",
    {
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        operationId: "joinSession",
        tags,
        summary: "Take part in a session: until the device has declared its tags, the session waits for it",
        params: SessionParams,
        body: JoinSession,
        response: { 200: SessionView, ...problems(403, 404, 409) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      refuseOthersDevice(principalOf(request), request.body.device);
      const { session } = await sendCommand<"session.join">(bus, site, {
        kind: "session.join",
        ...envelopeOf(request),
        body: { session: id, join: request.body },
      });
      return viewed(session, id);
    },
  );

  app.post(
    "/sites/:site/sessions/:id(^[0-9A-Fa-f-]+)::declare",
    {
      schema: {
        operationId: "declareSession",
        tags,
        summary:
          "Declare which tags a device has scanned in a session, before its scans or after, open or closed",
        description:
          "The last word of a device counts. A closed session is complete once every device that joined or scanned has declared, and all of it has arrived of that device. A device is known by its key. `device` tells which life of it speaks, and may name none but the caller: the name of its key, or of the browser (browser-…) in which somebody is signed in; else the answer is 403 `device_not_yours`. So with `:join` and `:close`. Readers declare nothing: where they took part, `complete` stays null, and their own ledgers tell whether all came.",
        params: SessionParams,
        body: DeclareSession,
        response: { 200: SessionView, ...problems(403, 404, 409) },
      },
    },
    async (request) => {
      const { site, id } = request.params;
      refuseOthersDevice(principalOf(request), request.body.device);
      const { session } = await sendCommand<"session.declare">(bus, site, {
        kind: "session.declare",
        ...envelopeOf(request),
        body: { session: id, declare: request.body },
      });
      return viewed(session, id);
    },
  );
};
