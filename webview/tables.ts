// Pages with a table share its parts and its looks, and so a bundle; each says in the page which one it is.
import { startActivity } from "./activity/main.js";
import { startProviderTable } from "./providers/main.js";

if (document.body.dataset.page === "providerTable") startProviderTable();
else startActivity();
