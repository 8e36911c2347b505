import cookie from "@fastify/cookie";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import websocket from "@fastify/websocket";
import { liveProtocol } from "@tagwire/messages";
import { drainOnClose } from "@tagwire/service";
import fastify from "fastify";
import { noteRoutes } from "./edge/allowed-methods.ts";
import { answerProblems, sendNotFound, sendProblem } from "./edge/answers.ts";
import { answerBrokenHttp } from "./edge/broken-http.ts";
import type { Edge } from "./edge/edge.ts";
import { guard } from "./edge/gate.ts";
import type { Gateway } from "./edge/gateway.ts";
import { refuseUnknownQueries } from "./edge/known-query.ts";
import { complaintOf } from "./edge/problem.ts";
import { traceRequests } from "./edge/request-trace.ts";
import { secureAnswers } from "./edge/security-headers.ts";
import { validatorCompiler } from "./edge/validation.ts";
import { answerEpcisProblems } from "./epcis/exceptions.ts";
import { isUpgrade } from "./live/handshake.ts";
import { clientFrameBytesMax, liveSocket } from "./live/socket.ts";
import { liveStream } from "./live/sse.ts";
import { alertRules } from "./routes/alert-rules.ts";
import { alerts } from "./routes/alerts.ts";
import { asyncApiDescription } from "./routes/asyncapi.ts";
import { audits } from "./routes/audits.ts";
import { boards } from "./routes/boards.ts";
import { classes } from "./routes/classes.ts";
import { commissioning } from "./routes/commissioning.ts";
import { contractDifferences } from "./routes/contract-differences.ts";
import { contracts } from "./routes/contracts.ts";
import { dashboard } from "./routes/dashboard.ts";
import { describeRoutes, description } from "./routes/description.ts";
import { deviceReports } from "./routes/device-reports.ts";
import { epcisCapture } from "./routes/epcis-capture.ts";
import { epcisEvents } from "./routes/epcis-events.ts";
import { epcisResources } from "./routes/epcis-resources.ts";
import { events } from "./routes/events.ts";
import { exports } from "./routes/exports.ts";
import { figures } from "./routes/figures.ts";
import { findings } from "./routes/findings.ts";
import { imports } from "./routes/imports.ts";
import { ingest } from "./routes/ingest.ts";
import { items } from "./routes/items.ts";
import { keys } from "./routes/keys.ts";
import { lag } from "./routes/lag.ts";
import { ledgers } from "./routes/ledgers.ts";
import { migration } from "./routes/migration.ts";
import { past } from "./routes/past.ts";
import { photos } from "./routes/photos.ts";
import { prefetch } from "./routes/prefetch.ts";
import { probes, readinessOf } from "./routes/probes.ts";
import { push } from "./routes/push.ts";
import { quarantine } from "./routes/quarantine.ts";
import { readerSettings } from "./routes/reader-settings.ts";
import { testRead } from "./routes/reader-trial.ts";
import { readers } from "./routes/readers.ts";
import { recordings } from "./routes/recordings.ts";
import { rfidproDifferences } from "./routes/rfidpro-differences.ts";
import { rfidproImport } from "./routes/rfidpro-import.ts";
import { rfidproReport } from "./routes/rfidpro-report.ts";
import { rfidproRuns } from "./routes/rfidpro-runs.ts";
import { scans } from "./routes/scans.ts";
import { screens } from "./routes/screens.ts";
import { session } from "./routes/session.ts";
import { sessions } from "./routes/sessions.ts";
import { settingsHistory } from "./routes/settings-history.ts";
import { sites } from "./routes/sites.ts";
import { stations } from "./routes/stations.ts";
import { stockRules } from "./routes/stock-rules.ts";
import { training } from "./routes/training.ts";
import { trips } from "./routes/trips.ts";
import { undo } from "./routes/undo.ts";
import { webhookDeliveries, webhooks } from "./routes/webhooks.ts";
import { zones } from "./routes/zones.ts";

export const bodyBytesMax = 2 ** 20;
/** A tag of 64 characters of four bytes, each percent-encoded, and room. */
const pathParameterLengthMax = 1_024;

/** The longest that a client may take to send a request. */
const requestTimeoutMs = 120_000;
/** How long requests under way are waited for once we were told to end, in ms: most of the time that a process has for its end. */
const drainMsMax = 4_000;

/** Builds the public HTTP server; whoever calls it listens. */
export const openGateway = async (given: Omit<Edge, "closing">): Promise<Gateway> => {
  const { log, config } = given;
  const app: Gateway = fastify({
    logger: false,
    http: { shouldUpgradeCallback: isUpgrade },
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    trustProxy: config.trustedProxies ?? false,
    routerOptions: { maxParamLength: pathParameterLengthMax },
    frameworkErrors: (error, request, reply) => {
      sendProblem(request, reply, complaintOf(error, request.method));
    },
    clientErrorHandler: answerBrokenHttp,
  }).withTypeProvider<TypeBoxTypeProvider>();

  const closing = drainOnClose(app, {
    waitMsMax: drainMsMax,
    onCut: () => log.warn({ drainMsMax }, "requests under way are cut off: they took too long"),
  });
  const edge: Edge = { ...given, closing };

  app.setValidatorCompiler(validatorCompiler);
  // What services say was checked when it was decided; here it only becomes text.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest("principal", undefined);
  readJson(app);

  const routes = noteRoutes(app);
  await app.register(cookie);
  await app.register(websocket, {
    // Every connection ends itself when it is told that we do.
    preClose: (done) => done(),
    options: {
      maxPayload: clientFrameBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => offered.has(liveProtocol) && liveProtocol,
    },
  });
  traceRequests(app, log);
  secureAnswers(app);
  answerProblems(app);
  await describeRoutes(app);

  await app.register(
    async (api: Gateway) => {
      guard(api, edge.credentials);
      refuseUnknownQueries(api);
      // A route, so that whoever asks for what is not there has to be let in first, too.
      api.all("/*", { schema: { hide: true } }, (request, reply) => sendNotFound(request, reply, routes));
      for (const add of [
        sites,
        items,
        photos,
        imports,
        exports,
        contracts,
        contractDifferences,
        trips,
        sessions,
        classes,
        commissioning,
        undo,
        boards,
        figures,
        lag,
        past,
        prefetch,
        scans,
        quarantine,
        events,
        dashboard,
        readers,
        recordings,
        readerSettings,
        testRead,
        stations,
        settingsHistory,
        training,
        stockRules,
        zones,
        ingest,
        audits,
        ledgers,
        deviceReports,
        findings,
        migration,
        rfidproDifferences,
        rfidproReport,
        rfidproImport,
        rfidproRuns,
        alertRules,
        alerts,
        push,
        session,
        keys,
        webhooks,
        webhookDeliveries,
        liveSocket,
        liveStream,
      ])
        add(api, edge);
      // Errors of EPCIS have the names that its standard gives them.
      await api.register(async (epcis: Gateway) => {
        answerEpcisProblems(epcis);
        for (const add of [epcisEvents, epcisResources, epcisCapture]) add(epcis, edge);
      });
    },
    { prefix: "/api/v1" },
  );
  await description(app);
  asyncApiDescription(app);
  probes(app, readinessOf(edge.bus, edge.store), edge);
  await screens(app, { dir: config.uiDir, log, routes });
  await app.ready();
  return app;
};

/**
 * JSON with a member `__proto__` or `constructor.prototype` is refused. No body is no body, whatever its type is said to be: many
 * clients name one with every request.
 */
const readJson = (app: Gateway): void => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("text/plain");
  const types = ["application/json", "application/ld+json"];
  app.addContentTypeParser(types, { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    return parse(request, body.toString(), done);
  });
};
