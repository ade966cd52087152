// What a reader of a small panel cannot read or press whole, as the page itself measures it.
import type { Panel } from "./harness.js";

/** As small as a side bar gets, and what lies between that and a column of the editor. */
export const smallSizes = [
  { width: 170, height: 120 },
  { width: 200, height: 120 },
  { width: 200, height: 400 },
  { width: 290, height: 500 },
  { width: 400, height: 200 },
] as const;

/**
 * Beyond the panel; over another control or text; cut in the middle of letters. What a reader can scroll to is in order, and so is an
 * ellipsis with something before it.
 */
const measure = `(() => {
  const styleOf = (node) => getComputedStyle(node);
  const nameOf = (node) => node.tagName.toLowerCase() + (node.className ? "." + node.className : "")
    + " " + JSON.stringify((node.getAttribute("aria-label") ?? node.textContent).trim().slice(0, 30));
  const nodes = [...document.querySelectorAll("body *")].filter((node) => !node.closest(".visually-hidden, svg, option, pre, .turn .table")
    && node.checkVisibility({ visibilityProperty: true }) && !/^inset|^polygon/.test(styleOf(node).clipPath));
  // What is left of a box where those around it hide or scroll what is beyond them.
  const shown = (node) => {
    let { left, top, right, bottom } = node.getBoundingClientRect();
    for (let around = node.parentElement; around; around = around.parentElement) {
      if (styleOf(around).overflowY === "visible") continue;
      const box = around.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom, isSeen: right - left > 0.5 && bottom - top > 0.5 };
  };
  const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== "");
  const isControl = (node) => node.matches("button, input, textarea, select, summary, vscode-button, vscode-text-area");
  const seen = nodes.map((node) => ({ node, box: shown(node) })).filter(({ box }) => box.isSeen);
  const beyond = nodes.filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    return (left < -0.5 || right > innerWidth + 0.5) && shown(node).isSeen;
  }).map((node) => "beyond the panel: " + nameOf(node));
  const cut = seen.filter(({ node }) => {
    const { overflowX, textOverflow, fontSize } = styleOf(node);
    if (!hasText(node) || overflowX === "visible" || node.scrollWidth <= node.clientWidth) return false;
    return textOverflow !== "ellipsis" || node.clientWidth < 2 * parseFloat(fontSize);
  }).map(({ node }) => "cut: " + nameOf(node));
  // The box of words within a line that wraps is larger than they are.
  const solid = seen.filter(({ node }) => isControl(node) || (hasText(node) && styleOf(node).display !== "inline"));
  const over = solid.flatMap(({ node, box }, at) => solid.slice(at + 1).filter(({ node: other, box: its }) =>
    !node.contains(other) && !other.contains(node)
      && ![node, other].some((one) => one.closest(".picker-popup, .jump")) // over the page on purpose
      && Math.min(box.right, its.right) - Math.max(box.left, its.left) > 1
      && Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top) > 1)
    .map(({ node: other }) => "over each other: " + nameOf(node) + " and " + nameOf(other)));
  const parts = seen.filter(({ node }) => node.matches(".header, .composer, .settings, .picker-popup")).map(({ node }) => node)
    .filter((node) => node.getBoundingClientRect().top < -0.5 || node.getBoundingClientRect().bottom > innerHeight + 0.5)
    .map((node) => "higher than the panel: " + nameOf(node));
  const below = seen.filter(({ node, box }) => isControl(node) && box.bottom > innerHeight + 0.5).map(({ node }) => "below the panel: " + nameOf(node));
  return [...beyond, ...cut, ...over, ...parts, ...(styleOf(document.body).overflowY === "hidden" ? below : [])];
})()`;

export function layoutFaults(panel: Panel): Promise<string[]> {
  return panel.page.evaluate<string[]>(measure);
}
