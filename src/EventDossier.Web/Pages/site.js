// The pages work without this. With it a form is sent once, however often its button is pressed.
"use strict";
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});
// A page that the browser kept is as it was before it was sent.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});
// A group of the menu closes when somebody goes elsewhere; without this, when another opens.
const closeMenu = event => {
  for (const group of document.querySelectorAll(".menu details[open]")) {
    if (event.key === "Escape" && group.contains(document.activeElement)) group.firstElementChild.focus();
    if (event.key === "Escape" || (event.key === undefined && !group.contains(event.target))) group.open = false;
  }
};
addEventListener("click", closeMenu);
addEventListener("focusin", closeMenu);
addEventListener("keydown", event => { if (event.key === "Escape") closeMenu(event); });
// What is live: the board is drawn anew, but never while somebody chooses in it; then they are told.
for (const part of document.querySelectorAll("[data-live]")) {
  const events = new EventSource(part.dataset.live);
  let waiting = false;
  const draw = async () => {
    waiting = false;
    if (part.querySelector(":checked") || part.contains(document.activeElement)) {
      if (part.dataset.notice && !part.querySelector(".notice.live")) {
        const notice = document.createElement("p");
        notice.className = "notice live";
        notice.setAttribute("role", "status");
        notice.textContent = part.dataset.notice;
        part.prepend(notice);
      }
      return;
    }
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  };
  // Many events in a row are one change.
  for (const name of ["alert_raised", "alert_withdrawn", "alert_acknowledged", "alert_snoozed"])
    events.addEventListener(name, () => { if (!waiting) { waiting = true; setTimeout(draw, 500); } });
}
// A slider shows each step as it is reached; without this its button does.
for (const form of document.querySelectorAll("form[data-slider]")) {
  const range = form.querySelector("input[type=range]");
  let latest = 0;
  range.addEventListener("input", async () => {
    const turn = ++latest;
    const address = new URL(form.action);
    address.searchParams.set(range.name, range.value);
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || turn !== latest) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of [form.dataset.slider, `${form.dataset.slider}-label`, `${form.dataset.slider}-ways`])
      document.getElementById(id)?.replaceChildren(...fresh.getElementById(id).childNodes);
    history.replaceState(null, "", address);
  });
}
