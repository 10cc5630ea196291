// The one entry: prepares the page, and again every part that htmx exchanges.

import { setUpChecklists } from "./checklist.js";
import { setUpCopying } from "./copy.js";
import { clearSentDraft, setUpDrafts } from "./drafts.js";
import { setUpElder } from "./elder.js";
import { setUpFormsets } from "./formset.js";
import { setUpLists } from "./lists.js";
import { setUpLocating } from "./locate.js";
import { setUpOnce } from "./once.js";
import { setUpPhotos } from "./photos.js";
import { setUpPickers } from "./picker.js";
import { setUpSteps } from "./steps.js";
import { setUpTokens } from "./tokens.js";

function setUp(root) {
  setUpFormsets(root); // first: drafts and the checklist add rows
  setUpPickers(root);
  setUpTokens(root);
  setUpPhotos(root);
  setUpChecklists(root);
  setUpDrafts(root);
  setUpSteps(root);
  setUpOnce(root);
  setUpLists(root);
  setUpCopying(root);
  setUpLocating(root);
  setUpElder(root);
}

document.documentElement.classList.add("js");
clearSentDraft();
setUp(document.body);
document.body.addEventListener("htmx:load", (event) => setUp(event.target));

// A rejected form: the reader starts at the list of what is wrong.
document.querySelector(".error-summary")?.focus();

// A menu closes when the user turns to something else.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.drop[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
