import type { CreateSite, Site } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

export const fetchSites = async (): Promise<Answer<readonly Site[]>> => {
  const answer = await call<{ data: Site[] }>("/sites");
  return answer.kind === "ok" ? { kind: "ok", value: answer.value.data } : answer;
};

export const createSite = (site: CreateSite): Promise<Answer<Site>> =>
  call("/sites", { method: "POST", body: site });
