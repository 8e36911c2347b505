import { seededRandom } from "../random.ts";

export const tokenLifeMs = 60 * 60_000;

/** The tokens that were given at logins, and until when they are worth something. */
export const createTokens = (seed: number | string, lifeMs: number) => {
  const random = seededRandom(`${seed}/tokens`);
  const expiries = new Map<string, number>();
  return {
    give: (nowMs: number): string => {
      const token = Array.from({ length: 40 }, () => random.whole(0, 15).toString(16)).join("");
      expiries.set(token, nowMs + lifeMs);
      return token;
    },
    isGood: (authorization: string | undefined, nowMs: number): boolean =>
      nowMs < (expiries.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "") ?? 0),
    forget: (): void => expiries.clear(),
  };
};
