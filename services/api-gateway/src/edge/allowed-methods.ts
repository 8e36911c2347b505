import type { Gateway } from "./gateway.ts";

/** Which methods an address takes, so that a wrong method is told from a wrong address. */
export type RouteTable = Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>;

const patternOf = (url: string): RegExp => {
  const text = url
    .replaceAll("::", "\u0000")
    .split(/:\w+(?:\([^)]*\))?/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/:]+")
    .replaceAll("\u0000", ":");
  return new RegExp(`^${text}$`);
};

/** Notes every route as it is added; call it before the first one. */
export const noteRoutes = (app: Gateway): RouteTable => {
  const table: RouteTable = new Map();
  app.addHook("onRoute", ({ url, method }) => {
    if (url.includes("*")) return;
    const known = table.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const one of Array.isArray(method) ? method : [method]) known.methods.add(one);
    table.set(url, known);
  });
  return table;
};

export const allowedMethods = (routes: RouteTable, path: string): string[] => {
  const methods = new Set<string>();
  for (const route of routes.values())
    if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
  return [...methods].sort();
};
