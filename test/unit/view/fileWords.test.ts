// Names of files from what somebody wrote.
import assert from "node:assert/strict";
import { conversationFileName } from "../../../src/view/fileWords.js";

describe("The name of a conversation's file", () => {
  it("has the words of its title, and nothing that leads elsewhere", () => {
    assert.equal(conversationFileName("  ../Why is the sky blue? "), "Why-is-the-sky-blue");
    assert.equal(conversationFileName("…"), "conversation");
  });

  it("keeps vowel signs and accents", () => {
    assert.equal(conversationFileName("हिन्दी में?"), "हिन्दी-में");
    assert.equal(conversationFileName("u\u0308ber"), "\u00fcber");
  });

  it("ends before a letter, never between one and its marks", () => {
    assert.equal(conversationFileName("a".repeat(59) + "m\u0304" + "b"), "a".repeat(59));
    assert.equal(conversationFileName("a".repeat(58) + "m\u0304" + "b"), "a".repeat(58) + "m\u0304");
    assert.equal(conversationFileName("𝒳".repeat(61)), "𝒳".repeat(60));
  });
});
