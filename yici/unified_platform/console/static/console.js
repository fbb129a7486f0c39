// Progressive: every page works without this file.
"use strict";

// "/" jumps to the search field
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  const search = document.getElementById("q");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// a page of a paper that can't be shown gives way to the sentence that says so
for (const image of document.querySelectorAll(".paper figure img")) {
  const giveWay = () => {
    image.closest("figure").hidden = true;
    image.closest(".paper").querySelector("[data-when-broken]").hidden = false;
  };
  image.addEventListener("error", giveWay);
  if (image.complete && image.naturalWidth === 0 && image.currentSrc) giveWay();
}

// waiting codes: ask again, so that the check digits appear by themselves
const codes = document.getElementById("codes");
if (codes) {
  window.setInterval(async () => {
    if (document.hidden || !codes.querySelector("[data-state=waiting]")) return;
    try {
      const reply = await fetch(codes.dataset.refresh, { redirect: "error" });
      if (reply.ok) codes.innerHTML = await reply.text();
    } catch (error) {
      // signed out or off line: the page stays as it is
    }
  }, 4000);
}

// an error summary takes the focus, so that it is read first
document.querySelector("[role=alert]")?.focus();
