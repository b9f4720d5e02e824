/* What is on the screen: small pieces that know nothing of a chat. */

const ABOUT_BLANK_PATIENCE_MS = 400;

const body = document.body;
const log = byId("log");
const text = byId("text");

export function byId(id) {
  return document.getElementById(id);
}

export function bubble(side, content, language) {
  const element = document.createElement("p");
  element.className = "bubble " + side;
  element.dir = "auto";
  if (language) element.lang = language;
  // A browser's translator must not be handed what the person wrote.
  if (side === "theirs") element.setAttribute("translate", "no");
  element.textContent = content;
  return element;
}

export function button(label, whenTapped) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", whenTapped);
  return element;
}

/** A number and a picture before a choice's words; a screen reader reads the words. */
export function sign(content) {
  const element = document.createElement("span");
  element.className = "sign";
  element.setAttribute("aria-hidden", "true");
  element.textContent = content;
  return element;
}

/** Shows the beginning of what came, or all of it where it fits; never hides the remark above it. */
export function scrollTo(element) {
  const above = element.previousElementSibling;
  log.scrollTop = (above && above.className === "note" ? above : element).offsetTop - 8;
}

export function fit() {
  text.style.height = "auto";
  if (text.value) text.style.height = text.scrollHeight + 2 + "px";
}

/** Keeps the way out in sight above the keyboard of phones that slide it over the page. */
export function fitToKeyboard() {
  if (window.visualViewport.scale > 1.01) return;
  body.style.height = window.visualViewport.height + "px";
  window.scrollTo(0, 0);
  log.scrollTop = log.scrollHeight;
}

/** Puts an element below what is answered and above what still waits. */
export function put(element) {
  log.insertBefore(element, log.querySelector(".pending.words"));
}

export function note(content) {
  const element = document.createElement("p");
  element.className = "note";
  element.textContent = content;
  put(element);
  scrollTo(element);
}

export function translate(there) {
  const here = byId(there.id);
  Array.from(there.attributes).forEach(function (attribute) {
    if (/^(data-|aria-label$|placeholder$|title$)/.test(attribute.name)) here.setAttribute(attribute.name, attribute.value);
  });
  if (!there.children.length && there.textContent) here.textContent = there.textContent;
}

/** Leaves for good: the page cannot be reached by going back. */
export function goTo(target) {
  window.location.replace(target);
  if (target !== "about:blank") return;
  // Some browsers do not let a page go there.
  setTimeout(function () {
    window.location.replace("/static/blank.html");
  }, ABOUT_BLANK_PATIENCE_MS);
}
