// Names of files from what somebody wrote: letters, their marks and digits of any script, and nothing that leads elsewhere.

/** Marks are vowel signs, tones and accents: without them most scripts of South Asia and Thai cannot be read. */
export function fileWords(text: string): readonly string[] {
  return text.normalize("NFC").match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
}

/** Of a conversation's file, without its ending. Never cut between a letter and its marks. */
export function conversationFileName(title: string): string {
  const [name = ""] = /^.{0,60}(?!\p{M})/su.exec(fileWords(title).join("-")) ?? [];
  return name === "" ? "conversation" : name;
}
