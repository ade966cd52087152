// Problems of a dataset or a configuration as the editor's diagnostics: the entry of their chunk.
import * as vscode from "vscode";
import type { Place, Problem, Severity } from "../../domain/dataset.js";
import { placeText, restText } from "../../view/fineTuning/datasetView.js";
import { t } from "../translate.js";

export function diagnosticsOf(problem: Problem): vscode.Diagnostic[] {
  const { rule, severity, places } = problem;
  const rest = restText(problem, t);
  const last = places.at(-1);
  return [
    ...places.map((place) => diagnostic(rangeOf(place), placeText(rule, place, t), rule, severity)),
    ...(rest !== undefined && last ? [diagnostic(rangeOf(last), rest, rule, severity)] : []),
  ];
}

function diagnostic(range: vscode.Range, text: string, rule: string, severity: Severity): vscode.Diagnostic {
  const one = new vscode.Diagnostic(range, text, severities[severity]);
  one.source = "0G Compute";
  one.code = rule;
  return one;
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

/** Lines count from 1 there, from 0 here. */
function rangeOf({ line, start, end, endLine = line }: Place): vscode.Range {
  return new vscode.Range(line - 1, start, endLine - 1, end);
}
