import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Documented = {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly services: readonly string[];
};

const row = /^\| `(tagwire_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \| [^|]+ \|$/;
const suffixes = { histogram: ["_bucket", "_sum", "_count"] } as const;

/** Every metric that the README names. */
export const documentedMetrics = (): Documented[] =>
  readFileSync(join(import.meta.dirname, "README.md"), "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, name, kind, labels, services] = row.exec(line) ?? [];
      if (name === undefined || kind === undefined) return [];
      return [
        {
          ...{ name, kind },
          labels: [...(labels ?? "").matchAll(/`(\w+)`/g)].map(([, label = ""]) => label),
          services: (services ?? "").split(",").map((service) => service.trim()),
        },
      ];
    });

/** The series that a metric has in Prometheus. */
export const seriesOf = ({ name, kind }: Documented): readonly string[] =>
  kind === "histogram" ? suffixes.histogram.map((suffix) => name + suffix) : [name];
