import type { Container, PodSpec } from "kubernetes-types/core/v1.d.ts";
import { type Manifest, nameOf } from "./render.ts";

/* What must be true of everything that runs in the cluster. Pod Security "restricted" is checked by the cluster as well; here before. */

/** What goes on for ever has to be looked after; what ends tells by its end. */
const lasting = ["Deployment", "StatefulSet", "DaemonSet"];

/** The pod that a document makes; undefined where it makes none. */
export const podOf = ({ kind, spec }: Manifest): PodSpec | undefined => {
  if (kind === "CronJob") return spec.jobTemplate.spec.template.spec;
  if (kind === "Job" || lasting.includes(kind)) return spec.template.spec;
  return kind === "Pod" ? spec : undefined;
};

/** With a tag of its own or a digest: what is called `latest`, or nothing, is another thing every day. */
const isPinned = (image: string): boolean =>
  /@sha256:[0-9a-f]{64}$/.test(image) || (/:[\w][\w.-]*$/.test(image) && !image.endsWith(":latest"));

const isSecretName = (name: string): boolean => /KEY$|PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(name);

const containerFaults = (one: Container, pod: PodSpec, isLasting: boolean): string[] => {
  const { securityContext: of = {}, resources = {}, image = "" } = one;
  const user = of.runAsUser ?? pod.securityContext?.runAsUser;
  const isNonRoot = of.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
  const wrong: [string, boolean][] = [
    [`its image ${image || "is not named and"} has no tag`, !isPinned(image)],
    ["it may run as root", isNonRoot !== true || user === undefined || user === 0],
    ["it may gain privileges", of.allowPrivilegeEscalation !== false || of.privileged === true],
    ["its root filesystem can be written", of.readOnlyRootFilesystem !== true],
    [
      "it has capabilities",
      of.capabilities?.drop?.includes("ALL") !== true || of.capabilities.add !== undefined,
    ],
    ["it asks for no processor", resources.requests?.cpu === undefined],
    ["it asks for no memory", resources.requests?.memory === undefined],
    ["its memory has no limit", resources.limits?.memory === undefined],
    ["nobody looks whether it lives", isLasting && one.livenessProbe === undefined],
    ["nobody looks whether it is ready", isLasting && one.readinessProbe === undefined],
    ["its start is not waited for", isLasting && one.startupProbe === undefined],
    ...(one.env ?? []).map(({ name, value }): [string, boolean] => [
      `a secret is written down in ${name}`,
      isSecretName(name) && !name.endsWith("_FILE") && value !== undefined && value !== "",
    ]),
  ];
  return wrong.filter(([, is]) => is).map(([why]) => `${one.name}: ${why}`);
};

const podFaults = (manifest: Manifest, pod: PodSpec): string[] => {
  const all = [...(pod.containers ?? []), ...(pod.initContainers ?? [])];
  const isLasting = lasting.includes(manifest.kind);
  const wrong: [string, boolean][] = [
    ["it has the network of its host", pod.hostNetwork === true || pod.hostPID === true],
    ["it has a folder of its host", (pod.volumes ?? []).some(({ hostPath }) => hostPath !== undefined)],
    ["it is given a key to the cluster", pod.automountServiceAccountToken !== false],
    ["system calls are not bounded", pod.securityContext?.seccompProfile?.type !== "RuntimeDefault"],
    [
      "all of it may stand on one machine",
      manifest.spec.replicas > 1 && pod.topologySpreadConstraints === undefined,
    ],
  ];
  return [
    ...wrong.filter(([, is]) => is).map(([why]) => why),
    ...all.flatMap((one) => containerFaults(one, pod, isLasting)),
  ];
};

const isTimeZone = (name: string | undefined): boolean => {
  try {
    return name !== undefined && Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
};

const cronFaults = ({ spec }: Manifest): string[] => {
  const job = spec.jobTemplate.spec;
  const wrong: [string, boolean][] = [
    ["nobody says by whose clock", !isTimeZone(spec.timeZone)],
    ["two of it may run at once", spec.concurrencyPolicy !== "Forbid"],
    ["it may begin at any later time", spec.startingDeadlineSeconds === undefined],
    ["it may go on for ever", job.activeDeadlineSeconds === undefined],
    ["how it ended is not kept", !(spec.successfulJobsHistoryLimit >= 1 && spec.failedJobsHistoryLimit >= 1)],
    ["it is tried again without a bound", !(job.backoffLimit <= 3)],
  ];
  return wrong.filter(([, is]) => is).map(([why]) => why);
};

/** What a Secret holds is in whatever repository it is in. */
const isSecret = ({ kind }: Manifest): boolean => kind === "Secret";

/** What of all that is rendered together must not be. Each is named by its document. */
export const policyFaults = (manifests: readonly Manifest[]): string[] => {
  const isGuarded = (name: string) =>
    manifests.some(
      ({ kind, spec }) =>
        kind === "PodDisruptionBudget" && spec.selector.matchLabels["app.kubernetes.io/name"] === name,
    );
  const isClosed = manifests.some(
    ({ kind, spec }) =>
      kind === "NetworkPolicy" &&
      Object.keys(spec.podSelector).length === 0 &&
      ["Ingress", "Egress"].every((type) => spec.policyTypes?.includes(type)) &&
      spec.ingress === undefined &&
      spec.egress === undefined,
  );
  const restricted = manifests.find(({ kind }) => kind === "Namespace")?.metadata.labels?.[
    "pod-security.kubernetes.io/enforce"
  ];
  return [
    ...(isClosed ? [] : ["no NetworkPolicy closes what none opens"]),
    ...(restricted === "restricted" ? [] : ["the namespace is not restricted"]),
    ...manifests.flatMap((one) => {
      const pod = podOf(one);
      const faults = [
        ...(pod === undefined ? [] : podFaults(one, pod)),
        ...(one.kind === "CronJob" ? cronFaults(one) : []),
        ...(isSecret(one) ? ["a secret is written down"] : []),
        ...(lasting.includes(one.kind) && one.spec.replicas > 1 && !isGuarded(one.metadata.name)
          ? ["all of it may be put away at once"]
          : []),
        ...(one.kind !== "Namespace" && one.metadata.namespace !== "tagwire"
          ? ["it is in another namespace"]
          : []),
      ];
      return faults.map((why) => `${nameOf(one)}: ${why}`);
    }),
  ];
};
