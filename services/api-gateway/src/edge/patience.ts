import type { Socket } from "node:net";

const patient = new WeakSet<Socket>();

/** Lets the request on a connection take longer than requests may, as an import does; gives what ends that. */
export const waitPatiently = (socket: Socket): (() => void) => {
  patient.add(socket);
  return () => void patient.delete(socket);
};

export const isWaitedFor = (socket: Socket): boolean => patient.has(socket);
