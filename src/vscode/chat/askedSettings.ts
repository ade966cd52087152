// How models are asked, as the sheet of settings shows it and as it is typed there: by one model in a chat, by several in a comparison.
import {
  readSettings,
  settingBounds,
  wireNames,
  type ChatSettings,
  type SettingName,
} from "../../domain/chatSettings.js";
import { modelLimits } from "../../domain/modelLimits.js";
import type { ModelInfo } from "../../domain/provider.js";
import type { SettingsView } from "../../protocol.js";
import { limitsWith, takesParameter } from "../../services/chat/chatRequest.js";
import { modelName } from "../../view/providers/modelNames.js";
import { settingsView, typedSetting, type SettingsFacts } from "../../view/settingsView.js";
import { t } from "../translate.js";

/** One that is asked next, and what its provider says of it. */
export interface AskedModel {
  readonly model: string;
  readonly info?: ModelInfo;
}

export interface TypedSettings extends Pick<SettingsFacts, "refused"> {
  readonly settings?: ChatSettings;
}

/** As it stands in its field. */
export interface TypedSetting {
  readonly name: SettingName;
  readonly text: string;
}

export function settingsOf(typed: TypedSettings, asked: readonly AskedModel[]): SettingsView {
  const usual = Math.max(...infosOf(asked).map((info) => limitsWith({}, info).answer));
  const ignoredBy = (name: SettingName) =>
    asked.filter(({ info }) => !isTaken(name, info)).map((one) => modelName(one, t));
  return settingsView({ ...typed, answer: { most: mostTokens(asked), usual }, ignoredBy }, t);
}

/** Settings are another value only where what was typed is taken. */
export function withTyped(
  { settings, refused }: TypedSettings,
  { name, text }: TypedSetting,
  asked: readonly AskedModel[],
): TypedSettings {
  const typed = typedSetting(name, text, mostTokens(asked));
  return {
    settings: typed ? readSettings({ ...settings, [name]: typed.value }) : settings,
    refused: { ...refused, [name]: typed ? undefined : text },
  };
}

/** The longest answer that one of them may be asked for. */
function mostTokens(asked: readonly AskedModel[]): number {
  return Math.max(...infosOf(asked).map((info) => modelLimits(info, settingBounds.maxTokens.most).answer));
}

function infosOf(asked: readonly AskedModel[]): readonly (ModelInfo | undefined)[] {
  return asked.length === 0 ? [undefined] : asked.map(({ info }) => info);
}

function isTaken(name: SettingName, info: ModelInfo | undefined): boolean {
  return !Object.hasOwn(wireNames, name) || takesParameter(info, name as keyof typeof wireNames);
}
