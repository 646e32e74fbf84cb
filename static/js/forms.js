// Forms that save themselves, lists that a person puts in order, files checked before they are sent.
(() => {
  "use strict";

  const PAUSE = 3000;
  const RETRY = 15000;
  const LEFT = "left:";

  const clock = () => new Date().toLocaleTimeString("en-GB", { timeZone: "Asia/Seoul", hour12: false }) + " KST";

  // A form with data-autosave-url sends its fields there: three seconds after the last change, when a field is left, when the page is
  // hidden. What could not be sent stays on this device until it was. The answer is JSON: version, words, errors.
  class Autosave {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosaveUrl;
      this.state = form.querySelector("[data-save-state]") ?? document.createElement("p");
      this.store = `autosave:${this.url}`;
      this.sent = this.typed();
      this.restore();
      form.addEventListener("input", () => this.later());
      form.addEventListener("pointerdown", (event) => this.press(event));
      form.addEventListener("change", () => this.soon());
      form.addEventListener("focusout", () => this.soon());
      form.addEventListener("submit", (event) => this.leave(event));
      document.addEventListener("visibilitychange", () => document.hidden && this.now());
      window.addEventListener("online", () => this.now());
      for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { this.pressing = false; });
    }

    // While a button is held down nothing is said: other words may be longer, and the button would slip from under the finger.
    press(event) {
      this.pressing = Boolean(event.target.closest?.("button, [type=submit]"));
    }

    soon() {
      if (this.pressing) this.later();
      else this.now();
    }

    typed() {
      const data = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) {
        if (typeof value === "string" && !["csrfmiddlewaretoken", "version"].includes(name)) data.append(name, value);
      }
      return data.toString();
    }

    version() {
      return this.form.elements.namedItem("version");
    }

    restore() {
      const kept = this.read();
      this.mark(null);
      if (!kept || kept === this.sent) return this.keep(null);
      const values = new URLSearchParams(kept);
      for (const field of this.form.elements) {
        if (!field.name || ["hidden", "file", "submit", "button", "password"].includes(field.type)) continue;
        const wanted = values.getAll(field.name);
        if (field.type === "checkbox" || field.type === "radio") field.checked = wanted.includes(field.value);
        else if (field.multiple) for (const option of field.options) option.selected = wanted.includes(option.value);
        else if (wanted.length) field.value = wanted[0];
      }
      this.say("waiting", this.state.dataset.wordsRestored);
      this.later();
    }

    read() {
      try {
        return localStorage.getItem(this.store);
      } catch {
        return null;
      }
    }

    keep(text) {
      try {
        if (text === null) localStorage.removeItem(this.store);
        else localStorage.setItem(this.store, text);
      } catch {
        // a browser that keeps nothing still saves to the server
      }
    }

    later() {
      this.keep(this.typed());
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.now(), PAUSE);
    }

    // A click on a button leaves the field first: the form waits for that save, so that it carries the version that came of it.
    async leave(event) {
      if (event.defaultPrevented) return;
      clearTimeout(this.timer);
      this.leaving = true;
      if (this.busy) {
        event.preventDefault();
        await this.pending.catch(() => undefined);
        this.form.requestSubmit(event.submitter);
        return;
      }
      this.keep(this.typed());
      this.mark("1");
    }

    // What was sent with the form is kept here until another page of ours answers: a session that had ended asks to sign in first.
    mark(text) {
      try {
        if (text === null) localStorage.removeItem(`${LEFT}${this.store}`);
        else localStorage.setItem(`${LEFT}${this.store}`, text);
      } catch {
        // as in keep
      }
    }

    async now() {
      clearTimeout(this.timer);
      const text = this.typed();
      if (this.busy || this.leaving || text === this.sent) return;
      this.busy = true;
      this.keep(text);
      this.say("saving", this.state.dataset.wordsSaving);
      try {
        this.pending = this.send(text);
        await this.pending;
      } catch {
        this.say("waiting", this.state.dataset.wordsOffline);
        this.timer = setTimeout(() => this.now(), RETRY);
      } finally {
        this.busy = false;
      }
    }

    async send(text) {
      const body = new URLSearchParams(text);
      const version = this.version();
      if (version) body.append("version", version.value);
      const token = this.form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
      const headers = { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
      const answer = await fetch(this.url, { method: "POST", body, headers, redirect: "manual", keepalive: text.length < 60000 });
      if (answer.type === "opaqueredirect" || answer.status === 401) this.say("refused", this.state.dataset.wordsSignedOut);
      else if (answer.ok) await this.accepted(answer, text);
      else if (answer.status >= 500) throw new Error(String(answer.status));
      else await this.refused(answer);
    }

    async accepted(answer, text) {
      const said = await this.json(answer);
      const version = this.version();
      if (version && said.version !== undefined) version.value = said.version;
      this.stand(said.standing);
      this.sent = text;
      if (this.typed() === text) this.keep(null);
      else this.later();
      this.say("saved", said.words ?? `${this.state.dataset.wordsSaved} ${clock()}`);
    }

    // How she stands against what the call demands, as our server drew it from what was just saved.
    stand(drawn) {
      const shown = document.querySelector("[data-standing]");
      if (!shown || !drawn) return;
      const fresh = new DOMParser().parseFromString(drawn, "text/html").querySelector("[data-standing]");
      if (fresh) shown.replaceWith(document.adoptNode(fresh));
    }

    async refused(answer) {
      const said = await this.json(answer);
      const fallback = answer.status === 403 ? this.state.dataset.wordsSignedOut : this.state.dataset.wordsRefused;
      this.say("refused", said.words ?? fallback);
    }

    async json(answer) {
      const kind = answer.headers.get("content-type") ?? "";
      return kind.includes("json") ? answer.json() : {};
    }

    say(kind, words) {
      this.state.dataset.kind = kind;
      this.state.textContent = words ?? "";
    }
  }

  // Rank lists: dragging, buttons, keys. Without this script the same buttons post move=up:ID.
  // Keys count while a row has the focus, or something in it that is not typed into: Alt and an arrow move the row, an arrow alone
  // goes to the next, T ties it with the one above, U or Delete takes it out, the same again puts it back. A row has a checkbox named
  // tied and a button named remove where the list knows of these.
  class RankList {
    constructor(list) {
      this.list = list;
      this.status = list.parentElement.querySelector("[data-rank-status]");
      for (const item of this.items()) this.arm(item);
      for (const hint of list.parentElement.querySelectorAll("[data-rank-keys]")) hint.hidden = false;
      list.addEventListener("keydown", (event) => this.press(event));
    }

    items() {
      return [...this.list.querySelectorAll("[data-rank-item]")];
    }

    arm(item) {
      item.draggable = true;
      item.tabIndex = 0;
      item.addEventListener("dragstart", (event) => this.lift(event, item));
      item.addEventListener("dragend", () => this.drop(item));
      item.addEventListener("dragover", (event) => this.pass(event, item));
      for (const button of item.querySelectorAll("[data-move]")) {
        button.type = "button";
        button.addEventListener("click", () => this.move(item, button.dataset.move, button));
      }
    }

    press(event) {
      const item = event.target.closest("[data-rank-item]");
      const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
      if (!item || typing || event.ctrlKey || event.metaKey) return;
      const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
      const letter = event.altKey ? "" : event.key.toLowerCase();
      if (way && event.altKey) this.move(item, way, item);
      else if (way && event.target === item) this.beside(item, way)?.focus();
      else if (letter === "t" && this.tie(item)) this.level(item);
      else if ((letter === "u" || letter === "delete") && item.querySelector("[name=remove]")) this.toggle(item);
      else return;
      event.preventDefault();
    }

    beside(item, way) {
      return way === "up" ? item.previousElementSibling : item.nextElementSibling;
    }

    tie(item) {
      return item === this.items()[0] ? null : item.querySelector("input[name=tied]");
    }

    level(item) {
      const box = this.tie(item);
      box.checked = !box.checked;
      this.say(item, box.checked ? this.list.dataset.wordsTied : this.list.dataset.wordsUntied);
    }

    // Taken out, a row stays where it was until the order is saved, and is not sent.
    toggle(item) {
      const isOut = item.classList.toggle("is-out");
      for (const field of item.querySelectorAll("input")) field.disabled = isOut;
      if (isOut) this.say(item, this.list.dataset.wordsOut);
      else this.tell(item);
      this.list.dispatchEvent(new Event("change", { bubbles: true }));
    }

    say(item, words) {
      if (this.status) this.status.textContent = `${item.querySelector("[data-rank-label]").textContent} ${words}`;
    }

    lift(event, item) {
      this.held = item;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      item.classList.add("is-dragged");
    }

    pass(event, over) {
      if (!this.held) return;
      event.preventDefault();
      if (over === this.held) return;
      const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
      if (event.clientY < middle) over.before(this.held);
      else over.after(this.held);
    }

    drop(item) {
      item.classList.remove("is-dragged");
      this.held = null;
      this.tell(item);
    }

    move(item, way, button) {
      const other = this.beside(item, way);
      if (!other) return;
      if (way === "up") other.before(item);
      else other.after(item);
      button.focus();
      this.tell(item);
    }

    tell(item) {
      const place = this.items().filter((each) => !each.classList.contains("is-out")).indexOf(item) + 1;
      for (const each of this.items()) each.classList.toggle("is-moved", each === item);
      if (place) this.say(item, `${this.list.dataset.wordsMoved} ${place}`);
      this.list.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  // A file that the server would refuse is told before it is sent.
  const fits = (file, accept) => accept.split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean).some((kind) => (
    kind.startsWith(".") ? file.name.toLowerCase().endsWith(kind)
      : kind.endsWith("/*") ? file.type.startsWith(kind.slice(0, -1)) : file.type === kind
  ));

  const complaint = (input) => {
    const limit = Number(input.dataset.maxBytes || Infinity);
    for (const file of input.files) {
      if (file.size > limit) return input.dataset.wordsSize.replace("%s", `${(file.size / 1048576).toFixed(1)} MB`);
      if (input.accept && !fits(file, input.accept)) return input.dataset.wordsKind;
    }
    return "";
  };

  const checkFile = (input) => {
    const words = complaint(input);
    const id = `${input.id}_filecheck`;
    document.getElementById(id)?.remove();
    input.setCustomValidity(words);
    input.classList.toggle("is-invalid", Boolean(words));
    if (!words) return;
    const line = document.createElement("p");
    line.id = id;
    line.className = "field-error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    input.before(line);
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("input[type=file][data-file-check]")) checkFile(event.target);
  });

  // A page that came after a form was sent, other than signing in, says that it arrived.
  const forgetWhatArrived = (shown) => {
    if (location.pathname.startsWith("/accounts/")) return;
    try {
      for (const name of Object.keys(localStorage).filter((key) => key.startsWith(LEFT))) {
        const store = name.slice(LEFT.length);
        if (shown.includes(store)) continue;
        localStorage.removeItem(store);
        localStorage.removeItem(name);
      }
    } catch {
      // nothing is kept here, so nothing is to be forgotten
    }
  };

  // A question that is asked only after a certain answer hides until that answer stands; without this script it is shown.
  const given = (form, name) => [...form.elements]
    .filter((field) => field.name === name && (!["checkbox", "radio"].includes(field.type) || field.checked))
    .map((field) => field.value);

  const arrange = (form) => {
    for (const field of form.querySelectorAll("[data-asked-if]")) {
      const [name, wanted] = field.dataset.askedIf.split("=");
      const frame = field.closest(".field");
      if (frame) frame.hidden = !given(form, name).includes(wanted);
    }
  };

  const countWords = (field) => {
    const id = `${field.id}_words`;
    const line = document.getElementById(id) ?? Object.assign(document.createElement("p"), { id, className: "form-text" });
    const number = field.value.split(/\s+/).filter(Boolean).length;
    line.textContent = `${number} / ${field.dataset.words}`;
    if (!line.isConnected) field.after(line);
  };

  for (const form of new Set([...document.querySelectorAll("[data-asked-if]")].map((field) => field.closest("form")))) {
    arrange(form);
    form.addEventListener("change", () => arrange(form));
  }
  for (const field of document.querySelectorAll("textarea[data-words], input[data-words]")) {
    countWords(field);
    field.addEventListener("input", () => countWords(field));
  }

  const saving = [...document.querySelectorAll("form[data-autosave-url]")].map((form) => new Autosave(form));
  forgetWhatArrived(saving.map((each) => each.store));
  for (const list of document.querySelectorAll("[data-rank-list]")) new RankList(list);
})();
