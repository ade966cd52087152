// The panels' icons: 16 px line drawings in the colour of the text around them.
const drawings = {
  model: "M8 2l1.6 4.4L14 8 9.6 9.6 8 14 6.4 9.6 2 8l4.4-1.6z",
  add: "M8 3v10M3 8h10",
  history: "M3.2 5.5A5.5 5.5 0 1 1 2.5 8M3 2.5v3h3M8 5v3.2l2.2 1.3",
  close: "M4 4l8 8M12 4l-8 8",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
  send: "M8 13V3M3.8 7.2 8 3l4.2 4.2",
  stop: "M4.5 4.5h7v7h-7z",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  attach: "M13 7.2 7.9 12.3a3 3 0 0 1-4.3-4.3l5.6-5.6a2 2 0 0 1 2.9 2.9L6.6 10.8a1 1 0 0 1-1.5-1.5l4.7-4.6",
  settings:
    "M2.5 5h5M11.5 5h2M9.5 3.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6M2.5 11h2M8.5 11h5M6.5 9.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6",
  tool: "M9.8 2.6a3.4 3.4 0 0 0-3.2 4.6L2.6 11.2a1.6 1.6 0 0 0 2.2 2.2l4-4a3.4 3.4 0 0 0 4.5-4.1L11 7.5 8.5 5l2.2-2.3z",
  insert: "M2.5 3h11M2.5 13h11M13 8H5.5M8 5.5 5.5 8 8 10.5",
  newFile: "M9 2.5H3.5v11h4M9 2.5 12.5 6v1.5M9 2.5V6h3.5M11.5 10v5M9 12.5h5",
  regenerate: "M12.8 9.5A5 5 0 1 1 12 5.2M12.5 2.5v3h-3",
  edit: "M3 13l.8-3.2 7.5-7.5 2.4 2.4-7.5 7.5zM9.8 3.8l2.4 2.4",
  check: "M3 8.5 6.5 12 13 4.5",
  verified: "M8 1.8 13 3.6v4c0 3.2-2 5.4-5 6.6-3-1.2-5-3.4-5-6.6v-4zM5.6 7.9l1.8 1.8 3.1-3.4",
  failed: "M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  notProven: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2M6.3 6.4a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.8.6-.8 1.2M8 11v.2",
  observed:
    "M1.8 8S4 4 8 4s6.2 4 6.2 4S12 12 8 12 1.8 8 1.8 8zM8 6.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2",
  notChecked: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M5.5 8h5",
  warning: "M8 2.2 14.4 13.5H1.6zM8 6.5v3.4M8 11.6v.2",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 4.8V8l2.2 1.4",
  current: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 6.4a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2",
  upcoming: "M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  toEnd: "M8 3v9M4 8.2 8 12.2l4-4",
  image: "M2.5 3h11v10h-11zM3 11.5l3.2-3.4 2.4 2.4 2-1.8 2.6 2.4M10.6 5.6v.2",
  search: "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4M10 10l3.6 3.6",
  root: "M8 1.8 14 5v6l-6 3.2L2 11V5zM8 1.8v12.4M2 5l6 3.2L14 5",
  enclave:
    "M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14",
  service:
    "M6.8 9.2a2.6 2.6 0 0 1 0-3.7l1.9-1.9a2.6 2.6 0 0 1 3.7 3.7l-1 1M9.2 6.8a2.6 2.6 0 0 1 0 3.7l-1.9 1.9a2.6 2.6 0 0 1-3.7-3.7l1-1",
  answer: "M2.5 3h11v8h-6L4.5 13.5V11h-2zM5 6h6M5 8.5h4",
  file: "M9.5 2.5h-6v11h9v-8zM9.5 2.5v3h3M5.5 8.5h5M5.5 11h5",
  end: "M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M8 6.8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4",
} as const;

export type IconName = keyof typeof drawings;

const svgNamespace = "http://www.w3.org/2000/svg";

/** Hidden from assistive technology: the words are always beside it or in the control's name. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svgNamespace, "path");
  path.setAttribute("d", drawings[name]);
  svg.append(path);
  return svg;
}
