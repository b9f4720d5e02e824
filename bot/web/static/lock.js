/*
 * The lock: what is typed at some questions is sealed on this phone, and a line says so. The page begins without the
 * means to seal (sealing.js, age.js); they are fetched when they are first needed, and again after a failure.
 */

import { byId, note } from "./screen.js";

const PATIENCE_MS = 20000;
const PAUSES_MS = [1500];
const NOUGHTS = "0٠۰०০੦૦௦๐໐༠၀០᠐";

const words = document.body.dataset;
const line = byId("lockbar");
const lock = byId("lock");
const danger = byId("danger");
const text = byId("text");

// The question whose answer is sealed, with the labels of its choices; null: what is typed goes as it is.
let asked = null;
let wanted = true;
let able = null;
let told = false;

/** Follows the question that waits. */
export function follow(reply, language) {
  asked = null;
  if (reply && reply.seal) {
    asked = { question: reply.question, labels: reply.choices.map(labelOf) };
    // Danger is the last choice of each question.
    danger.setAttribute("aria-label", asked.labels[asked.labels.length - 1]);
    ready(language, PAUSES_MS).then(know.bind(null, true), know.bind(null, false));
  }
  show();
}

function labelOf(choice) {
  return choice.label;
}

function know(isAble) {
  able = isAble;
  show();
}

/** Forgets the chat. */
export function unlock() {
  wanted = true;
  told = false;
  follow(null);
}

export function show() {
  line.hidden = !asked || able === null;
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

/** Says how typed words are to be sealed; null: they go as they are. */
export function wishFor(typed) {
  return asked && wanted && !isPlain(typed) ? Object.assign({ kind: "words" }, asked) : null;
}

/** Nought, which is danger, and what the person is told to type: the page knows these before it has the means to seal. */
function isPlain(typed) {
  const bare = typed.normalize("NFKC").replace(/[\ufe0f\u20e3\s]/g, "");
  if (bare.length === 1 && NOUGHTS.indexOf(bare) >= 0) return true;
  return words.typed.toLowerCase().split("|").indexOf(typed.trim().toLowerCase()) >= 0;
}

export function kindOf(file) {
  const kinds = { image: "photo", audio: "voice", video: "video" };
  return kinds[file.type.split("/")[0]] || "file";
}

/** Seals an item that wishes it. Where that cannot be done it stays as it is, is sealed when it reaches us, and the page
 *  says so. Tells whether it may be sent now: without a line there is nothing to seal with, and nothing to send by. */
export async function sealed(item, language) {
  if (!item.seal || item.sealed) return true;
  try {
    const sealing = await ready(language, able === false ? [] : PAUSES_MS);
    await sealing.seal(item, language);
    able = true;
  } catch (error) {
    if (item.unreadable) return true;
    if (navigator.onLine === false) return false;
    able = false;
    if (!told) note(words.sealCannot);
    told = true;
    item.seal = null;
  }
  show();
  return true;
}

/** Gives what seals, once all of it is here; tries again after pauses. */
async function ready(language, pauses) {
  for (let tries = 0; ; tries += 1) {
    try {
      if (!window.sealing) await load("/static/sealing.js", "module");
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
// The choice itself may be out of sight.
danger.addEventListener("click", function () {
  const choices = document.querySelectorAll(".choices button:enabled[data-choice]");
  if (choices.length) choices[choices.length - 1].click();
});
