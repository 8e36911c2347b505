/*
 * That a site is for practice is said by its id, and by nothing that could be switched. So every subject, event, file, address and line of
 * a log that names the site says it too; nobody can make a real site one while it has stock, nor the other way round; and whoever has to
 * refuse an emulated reader knows without asking anybody, also while operations is away.
 */

const trainingIdPrefix = "training-";

/** Whether a site is for practice. Its stock is made up, and an emulated reader may be heard there, and nowhere else. */
export const isTrainingSite = (site: string): boolean =>
  site.startsWith(trainingIdPrefix) && site.length > trainingIdPrefix.length;
