import postgres from "postgres";
import { answerTimeoutMs, converse, firstBytes, hostOf, reasonOf, ServerCheckError } from "./conversation.ts";

/** What our SQL was written for. */
const postgresMajorMin = 17;

/** SSLRequest of the PostgreSQL protocol (documentation, "Message Formats"): length 8, code 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Every Postgres answers an SSLRequest with a single S or N, before anybody logs in. */
const checkPresence = async (databaseUrl: string): Promise<void> => {
  const url = new URL(databaseUrl);
  const port = Number(url.port === "" ? 5432 : url.port);
  let answer: string;
  try {
    answer = await converse(hostOf(url), port, async (socket) => {
      socket.write(sslRequest);
      return (await firstBytes(socket)).toString("latin1", 0, 1);
    });
  } catch (error) {
    throw new ServerCheckError(
      `DATABASE_URL: nothing answers at ${url.hostname}:${port} (${reasonOf(error)}).`,
    );
  }
  if (answer !== "S" && answer !== "N") {
    throw new ServerCheckError(`DATABASE_URL: what answers at ${url.hostname}:${port} is no Postgres.`);
  }
};

type Found = { readonly version: number; readonly name: string; readonly mayCreate: boolean };

/** The version as its users say it. `found.version` is `server_version_num`: 180004 is 18.4. Throws `ServerCheckError`. */
export const judgePostgres = ({ version, name, mayCreate }: Found): string => {
  const major = Math.floor(version / 10_000);
  if (major < postgresMajorMin)
    throw new ServerCheckError(
      `DATABASE_URL: Postgres there is version ${major}; ${postgresMajorMin} or newer is needed.`,
    );
  if (!mayCreate)
    throw new ServerCheckError(
      `DATABASE_URL: its user may not make schemas in the database ${name}; each service makes its own. ` +
        `Say "grant create on database ${name} to" that user.`,
    );
  return `${major}.${version % 10_000}`;
};

/**
 * Checks that a Postgres that will do is at a URL and lets us in, and returns its version. Throws `ServerCheckError`; the URL's
 * password is never in the message.
 */
export const checkPostgres = async (databaseUrl: string): Promise<string> => {
  await checkPresence(databaseUrl);
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: answerTimeoutMs / 1_000,
    onnotice: () => undefined,
  });
  try {
    const [found] = await sql<Found[]>`
      select current_setting('server_version_num')::int as version, current_database() as name,
        has_database_privilege(current_database(), 'create') as "mayCreate"`;
    if (found === undefined) throw new Error("it says nothing of itself");
    return judgePostgres(found);
  } catch (error) {
    if (error instanceof ServerCheckError) throw error;
    throw new ServerCheckError(`DATABASE_URL: Postgres does not let us in (${reasonOf(error)}).`);
  } finally {
    await sql.end({ timeout: 0 });
  }
};
