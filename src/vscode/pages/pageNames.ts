// The pages that a window shows once.

export const pageNames = ["activity", "providerTable", "comparison"] as const;

export type PageName = (typeof pageNames)[number];
