"use strict";
{
  const form = document.querySelector(".filters");
  const { text, state } = form.elements;
  const count = form.querySelector("output");
  const fold = value => value.normalize("NFKC").toLowerCase();
  const posts = Array.from(document.querySelectorAll(".post"), element => ({
    element,
    state: element.dataset.state,
    text: fold(Array.from(element.querySelectorAll("[data-find]"), part => part.textContent).join("\n")),
  }));
  const plural = number => `${number} ${number === 1 ? "post" : "posts"}`;

  const filter = () => {
    const words = fold(text.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const post of posts) {
      const fits = (!state.value || post.state === state.value) && words.every(word => post.text.includes(word));
      post.element.hidden = !fits;
      shown += fits;
    }
    for (const section of document.querySelectorAll("section")) {
      const number = section.querySelectorAll(".post:not([hidden])").length;
      section.hidden = number === 0;
      section.querySelector("h2 small").textContent = `(${number})`;
    }
    count.textContent = shown === posts.length ? plural(shown) : `${shown} of ${plural(posts.length)}`;
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  text.addEventListener("keydown", event => {
    if (event.key === "Escape") {
      text.value = "";
      filter();
    }
  });
  document.addEventListener("keydown", event => {
    const isTyping = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      text.focus();
      text.select();
    }
  });
  // A browser may bring back what was typed before the page was loaded again.
  filter();
}
