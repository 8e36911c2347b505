import {
  concernsSessions,
  foldSessionRun,
  type KnownSessions,
  type SessionChanges,
  sessionRow,
} from "../actors/session-book.ts";
import { findSessions, saveSessions } from "../store/sessions.ts";
import { board } from "./board.ts";

/** Every session with the tags that are expected or were scanned in it, row for row as operations has them. */
export const sessions = board<KnownSessions, SessionChanges>({
  name: "sessions.2",
  tables: ["session", "session_tag"],
  concerns: concernsSessions,
  find: findSessions,
  fold: (known, { happenings }) => foldSessionRun(known, happenings),
  save: saveSessions,
  news: ({ sessions: changed }) => ({
    sessions: [...changed.values()]
      .map((active) => {
        const { id, version, pos } = active.session;
        return { pos, change: { key: id, version, put: sessionRow(active) } };
      })
      .sort((left, right) => left.pos - right.pos),
  }),
});
