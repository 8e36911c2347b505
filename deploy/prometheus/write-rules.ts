/** `npx tagwire rules`: writes the rules of Prometheus anew. */
import { writeRuleFiles } from "./rules.ts";

for (const path of writeRuleFiles()) process.stdout.write(`${path}\n`);
