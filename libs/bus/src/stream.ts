import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { Fault, type StreamDeclaration } from "@tagwire/messages";
import type { Bus } from "./bus.ts";

const streamNameInUse = 10058;
const streamNotFound = 10059;

export const isStreamMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === streamNotFound;

const configOf = (stream: StreamDeclaration, replicas: number): Partial<StreamConfig> & { name: string } => ({
  name: stream.name,
  subjects: [...stream.subjects],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: nanos(stream.maxAgeMs),
  max_bytes: stream.maxBytes,
  duplicate_window: nanos(stream.duplicateWindowMs),
  num_replicas: replicas,
  allow_direct: true,
  allow_atomic: true,
});

/**
 * Makes sure that a stream is there with the declared settings; safe to repeat and to run from several processes at once.
 * Old servers drop settings they do not know, so what the server answers is compared with what was asked.
 *
 * @throws Fault `bus.stream_refused` when the server keeps other settings than declared.
 */
export const ensureStream = async (bus: Bus, stream: StreamDeclaration): Promise<void> => {
  const config = configOf(stream, bus.streamReplicas);
  const info = await bus.manager.streams.add(config).catch(async (error: unknown) => {
    if (!(error instanceof JetStreamApiError) || error.code !== streamNameInUse) throw error;
    return await bus.manager.streams.update(stream.name, config).catch((cause: unknown) => {
      throw cause instanceof JetStreamApiError
        ? new Fault("bus.stream_refused", stream.name, { cause })
        : cause;
    });
  });
  const kept = info.config;
  const same =
    kept.max_age === config.max_age &&
    kept.duplicate_window === config.duplicate_window &&
    kept.num_replicas === bus.streamReplicas &&
    (kept as { allow_atomic?: boolean }).allow_atomic === true &&
    stream.subjects.every((subject) => kept.subjects?.includes(subject));
  if (!same) throw new Fault("bus.stream_refused", stream.name);
};
