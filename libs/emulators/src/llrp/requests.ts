import { findParameter, type Message, type MessageName, type Parameter } from "@tagwire/llrp";
import { capabilities, type LlrpModel } from "./capabilities.ts";
import type { LlrpFlaws } from "./flaws.ts";
import type { ReaderConfig } from "./reader-config.ts";
import { badMessageField, missing, plainRefusal, type Refusal, statusParameter } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { SpecRoom } from "./spec-room.ts";

/** What a reader needs at hand to answer its client. */
export type Desk = {
  readonly flaws: LlrpFlaws;
  readonly model: LlrpModel;
  readonly config: ReaderConfig;
  readonly specs: SpecRoom;
  /** Events and reports that were held go out. */
  readonly release: (session: Session) => void;
  /** The client has said goodbye: the next one may come. */
  readonly forget: (session: Session) => void;
};

const nameOfAnswer = (name: MessageName): MessageName => `${name}_RESPONSE` as MessageName;

const complain = (session: Session, id: number, code: number, text: string): void => {
  session.answer(id, "ERROR_MESSAGE", {
    fields: {},
    parameters: [statusParameter(plainRefusal(code, text))],
  });
};

const reply = (
  session: Session,
  request: Message,
  refusal?: Refusal,
  more: readonly Parameter[] = [],
): void => {
  const name = nameOfAnswer(request.name as MessageName);
  const isAboutVersions = request.name === "GET_SUPPORTED_VERSION";
  const fields = isAboutVersions ? { currentVersion: session.version, supportedVersion: 2 } : {};
  session.answer(request.id, name, { fields, parameters: [statusParameter(refusal), ...more] } as never);
};

/** Answers one request, or does not, as the reader's flaws have it. */
export const answerRequest = (desk: Desk, session: Session, request: Message): void => {
  const { flaws } = desk;
  if (request.name === "Unknown") return complain(session, request.id, 109, "unknown message");
  if (flaws.ignores?.includes(request.name)) return;
  const isNegotiation = request.name === "GET_SUPPORTED_VERSION" || request.name === "SET_PROTOCOL_VERSION";
  const isTooNew = request.version > session.version && !(isNegotiation && flaws.onlyVersion1 !== true);
  if (isTooNew) return complain(session, request.id, 110, "this version is not spoken");
  const code = flaws.answers?.[request.name];
  if (code === undefined) return serveSettings(desk, session, request);
  reply(session, request, plainRefusal(code, `${request.name} is refused on demand`));
};

const serveSettings = (desk: Desk, session: Session, request: Message): void => {
  const { specs } = desk;
  switch (request.name) {
    case "GET_READER_CAPABILITIES": {
      const found = capabilities(desk.model, request.fields.requestedData);
      return reply(
        session,
        request,
        found === undefined ? badMessageField(1, "unknown data") : undefined,
        found,
      );
    }
    case "GET_READER_CONFIG": {
      const found = desk.config.get(request);
      return reply(
        session,
        request,
        found === undefined ? badMessageField(2, "unknown data") : undefined,
        found,
      );
    }
    case "SET_READER_CONFIG": {
      const refusal = desk.config.set(request);
      reply(session, request, refusal);
      return refusal === undefined ? session.keepAlive(desk.config.keepaliveMs) : undefined;
    }
    case "ADD_ROSPEC": {
      const spec = findParameter(request.parameters, "ROSpec");
      return reply(session, request, spec ? specs.addRoSpec(spec) : missing("ROSpec", "which ROSpec?"));
    }
    case "DELETE_ROSPEC":
      return reply(session, request, specs.deleteRoSpec(request.fields.roSpecId));
    case "ENABLE_ROSPEC":
      return reply(session, request, specs.enableRoSpec(request.fields.roSpecId));
    case "DISABLE_ROSPEC":
      return reply(session, request, specs.disableRoSpec(request.fields.roSpecId));
    case "START_ROSPEC":
      return reply(session, request, specs.startRoSpec(request.fields.roSpecId));
    case "STOP_ROSPEC":
      return reply(session, request, specs.stopRoSpec(request.fields.roSpecId));
    case "GET_ROSPECS":
      return reply(session, request, undefined, specs.roSpecs());
    case "ADD_ACCESSSPEC": {
      const spec = findParameter(request.parameters, "AccessSpec");
      return reply(session, request, spec ? specs.addAccessSpec(spec) : missing("AccessSpec", "which one?"));
    }
    default:
      return serveRest(desk, session, request);
  }
};

const serveRest = (desk: Desk, session: Session, request: Message): void => {
  const { specs } = desk;
  switch (request.name) {
    case "DELETE_ACCESSSPEC":
      return reply(session, request, specs.deleteAccessSpec(request.fields.accessSpecId));
    case "ENABLE_ACCESSSPEC":
      return reply(session, request, specs.enableAccessSpec(request.fields.accessSpecId, true));
    case "DISABLE_ACCESSSPEC":
      return reply(session, request, specs.enableAccessSpec(request.fields.accessSpecId, false));
    case "GET_ACCESSSPECS":
      return reply(session, request, undefined, specs.accessSpecs());
    case "GET_REPORT":
      return specs.flush();
    case "ENABLE_EVENTS_AND_REPORTS":
      return desk.release(session);
    case "GET_SUPPORTED_VERSION":
      return reply(session, request);
    case "SET_PROTOCOL_VERSION": {
      const wanted = request.fields.protocolVersion;
      const isSpoken = wanted === 1 || wanted === 2;
      reply(session, request, isSpoken ? undefined : plainRefusal(110, "this version is not spoken"));
      if (isSpoken) session.version = wanted;
      return;
    }
    case "CLOSE_CONNECTION":
      reply(session, request);
      desk.forget(session);
      return session.end();
    default:
      return complain(session, request.id, 109, `${request.name} is not answered here`);
  }
};
