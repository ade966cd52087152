// Pages with answers share the Markdown, the verdicts and their looks, and so a bundle; each says in the page which one it is.
import { startChat } from "./chat/main.js";
import { startComparison } from "./comparison/main.js";

if (document.body.dataset.page === "comparison") startComparison();
else startChat();
