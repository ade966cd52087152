// Why a setting cannot be used. Sentences are made in view/errors/settingText.ts.

export const settingFaults = [
  "choice",
  "object",
  "list",
  "text",
  "flag",
  "decimalText",
  "amount",
  "positiveAmount",
  "positive",
  "whole",
  "port",
  "portTaken",
  "url",
  "urls",
  "noUrl",
  "urlScheme",
  "plainUrl",
  "origin",
  "address",
  "twice",
  "topUp",
  "missing",
  "notSandbox",
  "noStorage",
] as const;

export type SettingFault = (typeof settingFaults)[number];

export interface SettingFacts {
  /** As in the settings file. */
  setting: string;
  why: SettingFault;
  /** The part of the setting that is meant, by a name of ours. */
  member?: string;
  /** What the user wrote there, or a word of the system's. */
  value?: string;
  /** Those there are. */
  choices?: readonly string[];
  port?: number;
  /** Of a number: the least and the most. */
  min?: number;
  max?: number;
}
