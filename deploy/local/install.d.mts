/** True when what is installed is what the lock says for this platform. */
export const isInstalled: (root: string) => boolean;

/** Installs when the installed packages differ from the lock. Rejects with npm's words when npm fails. */
export const installPackages: (root: string, say: (text: string) => void) => Promise<void>;
