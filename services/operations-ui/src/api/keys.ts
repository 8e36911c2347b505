import { type Answer, call } from "./http.ts";

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
};
/** The only answer that shows the text of a key. */
export type NewApiKey = { readonly id: string; readonly name: string; readonly key: string };

export const fetchKeys = (signal: AbortSignal): Promise<Answer<{ data: readonly ApiKey[] }>> =>
  call("/keys", { signal });

export const createKey = (name: string): Promise<Answer<NewApiKey>> =>
  call("/keys", { method: "POST", body: { name } });

export const revokeKey = (id: string): Promise<Answer<undefined>> =>
  call(`/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
