/** The id of the site that the demo opens and fills. Another site of a system that shows a demo is as real as anywhere. */
export const demoSiteId = "demo";
