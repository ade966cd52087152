// What goes along with a question: the messages about it, and how it is shown.
import type { TurnId } from "../domain/ids.js";

export type AttachmentToHost =
  | { readonly kind: "attach" } // host asks what, and answers with `attached`
  | { readonly kind: "drop"; readonly uris: string } // a list of addresses, one a line: host takes those of the workspace
  | {
      readonly kind: "takePicture"; // host looks whether it is one, and answers with `attached`
      /** Of the file that was dropped; empty of one that was pasted. */
      readonly name: string;
      /** Of all of it, in bytes. */
      readonly size: number;
      /** Empty where it is larger than any that goes along. */
      readonly base64: string;
    }
  | { readonly kind: "detach"; readonly attachment: string }
  | { readonly kind: "readAttachment"; readonly turn: TurnId; readonly attachment: number } // host answers with `attachment`
  | { readonly kind: "readPicture"; readonly picture: string }; // one that its view names; host answers with `picture`

export type AttachmentToPanel =
  | { readonly kind: "attached"; readonly items: readonly AttachmentView[] } // complete
  | {
      readonly kind: "attachment";
      readonly turn: TurnId;
      readonly attachment: number;
      readonly text: string;
    }
  | {
      readonly kind: "picture";
      readonly picture: string;
      /** `data:` with the bytes of a PNG, JPEG or WebP, or one sentence why there is none. */
      readonly shown: { readonly source: string } | { readonly problem: string };
    };

export interface AttachmentView {
  readonly id: string;
  /** "chat.ts". File names are hostile input. */
  readonly name: string;
  /** "lines 3–5 · about 120 tokens", "1024×768 · 83 KB" */
  readonly detail: string;
  /** The path and the lines. */
  readonly title: string;
  /** Of a picture: by what its bytes are asked for. */
  readonly picture?: string;
  /** What is to be known of it: it changed, or why it cannot be sent. */
  readonly note?: string;
  readonly isBroken: boolean;
  /** "Remove src/chat.ts, lines 3–5" */
  readonly removeLabel: string;
}

/** As it was sent; its text is asked for when it is unfolded. */
export type SentAttachmentView = Pick<AttachmentView, "name" | "detail" | "title" | "picture">;
