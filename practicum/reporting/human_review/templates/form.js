"use strict";
(() => {
  const { kind, version, form, domain } = document.getElementById("review").dataset;
  const start = document.getElementById("start");
  const ratings = document.getElementById("ratings");
  const problems = document.getElementById("problems");
  const saved = document.getElementById("saved");
  const articles = [...ratings.querySelectorAll("article")];
  const prefix = `practicum-review:${form}`;
  let rater = "";

  // A browser may forbid a page from a file to keep anything.
  function kept(action) {
    try {
      return action();
    } catch {
      document.getElementById("unkept").hidden = false;
      return null;
    }
  }

  // The names of a group's controls, as an item's fieldsets hold them.
  const groups = (article) => [...article.querySelectorAll("fieldset")];
  const chosen = (group) => group.querySelector("input:checked")?.value ?? null;
  const unfinished = (article) => groups(article).filter((group) => chosen(group) === null);

  function show() {
    const done = articles.filter((article) => unfinished(article).length === 0);
    for (const article of articles) article.classList.toggle("done", done.includes(article));
    document.getElementById("done").value = done.length;
    document.getElementById("count").textContent = `${done.length} of ${articles.length}`;
  }

  function keep() {
    const values = Object.fromEntries(new FormData(ratings));
    kept(() => localStorage.setItem(`${prefix}:${rater}`, JSON.stringify(values)));
    saved.textContent = "";
    show();
  }

  function restore() {
    ratings.reset();
    problems.hidden = true;
    saved.textContent = "";
    const text = kept(() => localStorage.getItem(`${prefix}:${rater}`));
    for (const [name, value] of Object.entries(JSON.parse(text ?? "{}"))) {
      const control = ratings.elements.namedItem(name);
      if (control) control.value = value;
    }
    show();
  }

  function goTo(article) {
    const group = unfinished(article)[0];
    (group ? group.querySelector("input") : article).focus();
  }

  function name(missing) {
    const title = document.createElement("p");
    title.textContent = `Not saved: ${missing.length} of ${articles.length} items are not finished.`;
    const list = document.createElement("ul");
    for (const article of missing) {
      const link = document.createElement("a");
      link.href = `#${article.id}`;
      link.textContent = `Item ${article.dataset.item}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        goTo(article);
      });
      const line = document.createElement("li");
      line.append(link, ` lacks ${unfinished(article).map((group) => group.dataset.about).join(", ")}`);
      list.append(line);
    }
    problems.replaceChildren(title, list);
    problems.hidden = false;
    problems.focus();
  }

  function rating(article) {
    const item = Number(article.dataset.item);
    const found = { item, left: {}, right: {}, better: null, comment: ratings.elements.namedItem(`${item}-comment`).value };
    for (const group of groups(article)) {
      if ("better" in group.dataset) found.better = chosen(group);
      else found[group.dataset.side][group.dataset.criterion] = Number(chosen(group));
    }
    return found;
  }

  function save() {
    const missing = articles.filter((article) => unfinished(article).length > 0);
    if (missing.length > 0) {
      name(missing);
      return;
    }
    problems.hidden = true;
    const content = { kind, version: Number(version), form, domain, rater, ratings: articles.map(rating) };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1), "\n"], { type: "application/json" }));
    link.download = `ratings-${domain}-${form}-${rater}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    saved.textContent = `Saved as ${link.download} among your downloads. Send it back; you may still change ratings and save again.`;
  }

  start.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = document.getElementById("rater");
    rater = field.value.toUpperCase();
    field.value = rater;
    kept(() => localStorage.setItem(prefix, rater));
    restore();
    ratings.hidden = false;
    goTo(articles.find((article) => unfinished(article).length > 0) ?? articles[0]);
  });
  ratings.addEventListener("submit", (event) => event.preventDefault());
  ratings.addEventListener("input", keep);
  ratings.addEventListener("keydown", (event) => {
    const group = event.target.closest("fieldset[data-criterion]");
    if (!group || event.altKey || event.ctrlKey || event.metaKey) return;
    const control = [...group.querySelectorAll("input")].find((input) => input.value === event.key);
    if (!control) return;
    event.preventDefault();
    control.checked = true;
    control.focus();
    keep();
  });
  document.getElementById("next").addEventListener("click", () => {
    goTo(articles.find((article) => unfinished(article).length > 0) ?? articles[articles.length - 1]);
  });
  document.getElementById("save").addEventListener("click", save);
  document.getElementById("rater").value = kept(() => localStorage.getItem(prefix)) ?? "";
})();
