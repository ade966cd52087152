// Where to read on, or to set what only the system sets. Whoever opens one names it: no address comes from elsewhere.

export type HelpTopic = "clock" | "dateOfWindows" | "dateOfMac" | "keychain" | "keychainOfEditor" | "disk";

/** section: of our README, by its heading as a link has it. */
export type HelpPage = { readonly address: string } | { readonly section: string };

const pages: Readonly<Record<HelpTopic, HelpPage>> = {
  clock: { section: "when-the-clock-is-off" },
  dateOfWindows: { address: "ms-settings:dateandtime" },
  dateOfMac: { address: "x-apple.systempreferences:com.apple.preference.datetime" },
  keychain: { section: "when-the-keychain-refuses" },
  keychainOfEditor: {
    address: "https://code.visualstudio.com/docs/editor/settings-sync#_troubleshooting-keychain-issues",
  },
  disk: { section: "when-the-disk-is-full" },
};

/** Of anything else: where all of them are. */
export function helpPage(topic: unknown): HelpPage {
  return typeof topic === "string" && Object.hasOwn(pages, topic)
    ? pages[topic as HelpTopic]
    : { section: "when-something-does-not-work" };
}

/** What opens the system's page of date and time; elsewhere each desktop has its own. */
export function dateSettingsOf(platform: string): HelpTopic | undefined {
  if (platform === "win32") return "dateOfWindows";
  return platform === "darwin" ? "dateOfMac" : undefined;
}
