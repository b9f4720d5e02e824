/*
 * The lock: what is typed at some questions is sealed on this phone, and a line says so. The page begins without the
 * means to seal (sealing.js, age.js); they are fetched when they are first needed, and again after a failure.
 */

import { byId, note } from "./screen.js";

const PATIENCE_MS = 20000;
const LONGEST_MS = 20000;
const PAUSES_MS = [1500];
const NOUGHTS = "0٠۰०০੦૦௦๐໐༠၀០᠐";

const words = document.body.dataset;
const line = byId("lockbar");
const lock = byId("lock");
const text = byId("text");

// The question whose answer is sealed, its language, and the labels on offer since; null: what is typed goes as it is.
let asked = null;
// The same as it was when the first character stood in the input: an answer that comes meanwhile changes nothing of it.
let draft = null;
let wanted = true;
let able = null;
let told = false;
let loads = 0;

/** Follows the question that waits, whatever was said and offered last. */
export function follow(waits, offered, language) {
  const before = asked && waits && asked.question === waits.question ? asked.labels : [];
  asked = null;
  if (waits && waits.seal) {
    asked = { question: waits.question, labels: before.concat(offered.map(labelOf)), language: language };
    ready(language, PAUSES_MS).then(know.bind(null, true), know.bind(null, false));
  }
  show();
}

function labelOf(choice) {
  return choice.label;
}

/** Holds fast, or lets go, what counts for the words in the input. */
export function keepDraft() {
  draft = text.value ? draft || { asked: asked } : null;
  show();
}

function here() {
  return draft ? draft.asked : asked;
}

function know(isAble) {
  able = isAble;
  show();
}

/** Forgets the chat. */
export function unlock() {
  wanted = true;
  told = false;
  draft = null;
  follow(null);
}

export function show() {
  line.hidden = !here() || able === null;
  lock.disabled = able === false;
  lock.setAttribute("aria-pressed", String(wanted && able === true));
  lock.textContent = able === false ? words.sealCannot : wanted ? words.sealOn : words.sealOff;
  if (line.hidden) text.removeAttribute("aria-describedby");
  else text.setAttribute("aria-describedby", lock.id);
}

function turn() {
  wanted = !wanted;
  show();
  text.focus();
}

/** Says how typed words are to be sealed; null: they go as they are. What was shown as locked goes in no other way. */
export function wishFor(typed) {
  const seal = { kind: "words", shown: able === true };
  return here() && wanted && !isPlain(typed) ? Object.assign(seal, here()) : null;
}

/** Nought, which is danger, and what the person is told to type: the page knows these before it has the means to seal. */
function isPlain(typed) {
  const bare = typed.normalize("NFKC").replace(/[\ufe0f\u20e3\s.,;。)]/g, "");
  if (bare.length === 1 && NOUGHTS.indexOf(bare) >= 0) return true;
  return words.typed.toLowerCase().split("|").indexOf(typed.trim().toLowerCase()) >= 0;
}

export function kindOf(file) {
  const kinds = { image: "photo", audio: "voice", video: "video" };
  return kinds[file.type.split("/")[0]] || "file";
}

/** Seals an item that wishes it. Where that cannot be done now it stays as it is, and each attempt decides afresh.
 *  Tells whether it may be sent: not where the page said that it is locked; and without a line there is nothing to seal
 *  with, and nothing to send by. */
export async function sealed(item) {
  if (!item.seal || item.sealed) return true;
  try {
    const sealing = await inTime(ready(item.seal.language, able === false ? [] : PAUSES_MS));
    await sealing.seal(item);
    know(true);
  } catch (error) {
    if (item.unreadable) return true;
    if (navigator.onLine === false || item.seal.shown) return false;
    know(false);
  }
  return true;
}

function inTime(promise) {
  return new Promise(function (resolve, reject) {
    const timer = setTimeout(reject, LONGEST_MS, new Error("took too long"));
    promise.then(resolve, reject).then(clearTimeout.bind(window, timer));
  });
}

/** Says once that what was sent could not be locked here. */
export function admit() {
  if (able === false && !told) note(words.sealCannot);
  told = told || able === false;
}

/** Gives what seals, once all of it is here; tries again after pauses. */
async function ready(language, pauses) {
  for (let tries = 0; ; tries += 1) {
    try {
      if (!window.sealing) await load(addressOfSealing(), "module");
      await window.sealing.makeReady(language);
      return window.sealing;
    } catch (error) {
      if (tries >= pauses.length) throw error;
    }
    await new Promise(function (resolve) {
      setTimeout(resolve, pauses[tries]);
    });
  }
}

/** A module that failed to load is never fetched again from the same address. */
function addressOfSealing() {
  loads += 1;
  return "/static/sealing.js" + (loads > 1 ? "?" + loads : "");
}

/** By a script element: not every browser that knows modules knows import(), and of a script each checks the hash. */
export function load(source, type, integrity) {
  return new Promise(function (resolve, reject) {
    const script = document.createElement("script");
    const timer = setTimeout(ended, PATIENCE_MS);
    function ended(event) {
      clearTimeout(timer);
      script.remove();
      if (event && event.type === "load") resolve();
      else reject(new Error("not loaded"));
    }
    script.onload = ended;
    script.onerror = ended;
    if (type) script.type = type;
    if (integrity) script.integrity = integrity;
    script.src = source;
    document.head.appendChild(script);
  });
}

lock.addEventListener("click", turn);
