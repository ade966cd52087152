// What is dropped on the composer, and pictures that are pasted there: the host looks at all of it.
import type { PanelContext } from "./context.js";
import { mostPictureBytes, mostPictures } from "../../src/domain/picture.js";

/** The editor names what it drags by a list of its own, other programs by the common one. */
const editorList = "application/vnd.code.uri-list";
const commonList = "text/uri-list";

/** Files dropped on the element: the host takes those of the workspace, and of others those that are pictures. */
export function takeDrops(element: HTMLElement, context: PanelContext): void {
  const mark = (isOver: boolean) => element.classList.toggle("is-dropped-on", isOver);
  element.addEventListener("dragover", (event) => {
    const types = event.dataTransfer?.types ?? [];
    if (![editorList, commonList, "Files"].some((type) => types.includes(type))) return;
    event.preventDefault(); // or the browser takes it, and leaves the page
    mark(true);
  });
  element.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) mark(false);
  });
  element.addEventListener("drop", (event) => {
    mark(false);
    const { dataTransfer } = event;
    if (!dataTransfer) return;
    const files = dataTransfer.types.includes(editorList) ? [] : [...dataTransfer.files];
    const uris = dataTransfer.getData(editorList) || dataTransfer.getData(commonList);
    if (files.length === 0 && uris === "") return;
    event.preventDefault();
    if (files.length > 0) void handIn(files, context);
    else context.post({ kind: "drop", uris });
  });
}

/** Words are pasted as words, whatever picture of them comes along. */
export function takePastes(element: HTMLElement, context: PanelContext): void {
  element.addEventListener("paste", (event) => {
    const { clipboardData } = event;
    const pictures = [...(clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
    if (pictures.length === 0 || clipboardData?.types.includes("text/plain")) return;
    event.preventDefault();
    void handIn(pictures, context, "");
  });
}

/** One after the other, in their order. One more than can go along: the host says so. */
async function handIn(files: readonly File[], { post }: PanelContext, name?: string): Promise<void> {
  for (const file of files.slice(0, mostPictures + 1)) {
    const { size } = file;
    const base64 = size > mostPictureBytes ? "" : await base64Of(file);
    post({ kind: "takePicture", name: name ?? file.name, size, base64 });
  }
}

/** Empty where it cannot be read: a folder that was dropped looks like a file. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => {
      const { result } = reader;
      resolve(typeof result === "string" ? result.slice(result.indexOf(",") + 1) : "");
    };
    reader.onerror = () => resolve("");
    reader.readAsDataURL(file);
  });
}
