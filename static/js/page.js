// What every page has: menus that close, questions before a gesture with consequences, forms that are not sent twice.
(() => {
  "use strict";

  const menus = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.querySelector("[data-focus]")?.focus();

  // A deadline without the reader's own time, because nobody knows her zone: her device does.
  const asWritten = { year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  for (const time of document.querySelectorAll(".deadline > time")) {
    if (time.parentElement.querySelector(".deadline-there")) continue;
    const at = new Date(time.dateTime);
    // days before months, as the page itself writes them
    const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
    const said = (timeZone) => new Intl.DateTimeFormat(locale, { ...asWritten, timeZone, timeZoneName: undefined }).format(at);
    if (said(undefined) === said("Asia/Seoul")) continue;
    const there = document.createElement("span");
    there.className = "deadline-there";
    there.textContent = `(${new Intl.DateTimeFormat(locale, asWritten).format(at)})`;
    time.after(there);
  }

  // A form with data-confirm asks first; what follows is said in the question, as it is on the page.
  const part = (name, words, attributes = {}) => {
    const element = document.createElement(name);
    element.textContent = words;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const ask = (form) => new Promise((resolve) => {
    const dialog = part("dialog", "", { "aria-labelledby": "confirm-title" });
    const danger = form.querySelector(".btn-danger") !== null;
    const buttons = part("form", "", { method: "dialog", class: "form-actions" });
    buttons.append(
      part("button", form.dataset.confirmYes, { class: `btn ${danger ? "btn-danger" : "btn-primary"}`, value: "yes" }),
      part("button", form.dataset.confirmNo, { class: "btn btn-tertiary", value: "no", autofocus: "" }),
    );
    const says = form.querySelector("[data-confirm-says]")?.textContent ?? "";
    dialog.append(part("h2", form.dataset.confirm, { id: "confirm-title" }), part("p", says), buttons);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (await ask(form)) {
      form.dataset.confirmed = "yes";
      form.requestSubmit(button ?? undefined);
    } else {
      button?.focus();
    }
  }, true);

  // A second click sends nothing; a page brought back from the cache has its buttons again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
      event.submitter?.setAttribute("aria-busy", "true");
    });
  });

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      for (const button of form.querySelectorAll("button")) {
        button.disabled = false;
        button.removeAttribute("aria-busy");
      }
    }
  });
})();
