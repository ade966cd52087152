// The settings of the VS Codes that we start: quiet for tests, friendly for a person.

/** For tests: nothing opens, moves, blinks or asks by itself. */
export const testSettings = {
  "workbench.startupEditor": "none",
  "workbench.editor.useModal": "off",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  // A pointer left where it clicked would bring up the hover of whatever comes to lie under it, over other things.
  "workbench.hover.delay": 3_600_000,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "git.enabled": false,
  "npm.autoDetect": "off",
  // A server of VS Code would tell, in a burst, of every port that a sandbox opens: toasts that come with it are dropped as too many.
  "remote.autoForwardPorts": false,
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "window.confirmBeforeClose": "never",
  "files.simpleDialog.enable": true,
  "editor.cursorBlinking": "solid",
};

/** For a person, in a data folder of its own: the sample project's README is the first thing to see. */
export const personSettings = {
  "workbench.startupEditor": "readme",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  // The sandbox opens a dozen ports, which nobody has to be told of.
  "remote.autoForwardPorts": false,
  // The only folder it opens is the sample project that was copied there a moment ago.
  "security.workspace.trust.enabled": false,
};
