/*
 * The chat page.
 *
 * The phone may be taken and searched at any moment, so nothing outlives the page: no cookie, no storage of any kind.
 * What was written and the token stand in variables of this closure only. A reload is therefore a new chat, on purpose:
 * whoever finds the tab later cannot go on reading.
 *
 * The line is slow and breaks. Every message has an id made here and the server answers the same id the same way, so
 * whatever got lost is simply sent again.
 */

import { admit, follow, keepDraft, kindOf, sealed, show as showLock, unlock, wishFor } from "./lock.js";
import { pageIn, sendFile, sendWords, uuid } from "./network.js";
import { bubble, button, byId, fit, fitToKeyboard, goTo, note, put, scrollTo, sign, translate } from "./screen.js";

const PAUSES_SECONDS = [1, 2, 4, 8, 15, 30];
const LONGEST_PAUSE_SECONDS = 600;
// Every attempt at a file starts from its first byte, and the person pays for the data.
const FILE_ATTEMPTS = 4;
const LOCATION_PATIENCE_MS = 40000;
const LOCATION_AGE_MS = 60000;
const TWO_ESCAPES_MS = 1000;

const page = document.documentElement;
const body = document.body;
const words = body.dataset;
const log = byId("log");
const text = byId("text");
const file = byId("file");
const place = byId("location");
const tongue = byId("language");
const status = byId("status");
const retry = byId("retry");
const danger = byId("danger");

// Replaced whole when it ends: an answer that comes late finds that its chat is no longer this one, and is dropped.
let chat = emptyChat();
let choices = null;
let spokenHere = tongue.value;
let escapedAt = -Infinity;

// What Telegram says of who opened this Mini App, from behind the "#", which no server sees; null: this is none.
const initData = "app" in words ? new URLSearchParams(window.location.hash.slice(1)).get("tgWebAppData") || "" : null;

function emptyChat() {
  return { token: "", hidden: false, words: emptyLane(), files: emptyLane() };
}

function emptyLane() {
  return { items: [], running: false, pausing: false, wake: null, overtake: null };
}

// --- The life of a chat ---------------------------------------------------------------------------------------------

function begin() {
  forget();
  openChat();
}

function forget() {
  chat.files.items.forEach(function (item) {
    if (item.request) item.request.abort();
  });
  chat = emptyChat();
  choices = null;
  unlock();
  log.textContent = "";
  text.value = "";
  file.value = "";
  place.disabled = false;
  place.classList.remove("wanted");
  fit();
  showState();
}

function openChat() {
  chat.words.items.unshift({ opens: true, failures: 0 });
  drain(chat, chat.words);
}

/** Puts a message into its queue. Words go one at a time, in order. A file goes beside them: a photo may take minutes
 *  and must not hold up "they are moving us now". */
function add(item) {
  const lane = item.file ? chat.files : chat.words;
  const opening = chat.words.items.length > 0 && chat.words.items[0].opens;
  item.failures = 0;
  enqueue(item, lane);
  if (!chat.token && !opening) openChat();
  else drain(chat, lane);
}

/** What needs no lock does not wait for one: danger goes ahead of a name that is still being sealed. */
function enqueue(item, lane) {
  if (!lane.overtake || item.seal) {
    lane.items.push(item);
    return;
  }
  lane.items.unshift(item);
  lane.overtake();
}

async function drain(mine, lane) {
  if (lane.running) return;
  lane.running = true;
  while (mine === chat && lane.items.length && (mine.token || lane.items[0].opens)) {
    const item = lane.items[0];
    showState();
    if (item.opens) item.content = opening();
    const isFirst = await isStillFirst(lane, item);
    if (mine !== chat) return;
    if (!isFirst) continue;
    const answer = await attempt(item, mine);
    if (mine !== chat) return;
    if (comesToNothing(item, answer)) {
      await pause(lane, item, answer);
    } else {
      lane.items.shift();
      settle(item, answer);
    }
  }
  lane.running = false;
  showState();
}

/** Says in which language a chat begins; in a Mini App that is the app's, unless another one was chosen. */
function opening() {
  if (initData === null) return { language: tongue.value };
  return { language: tongue.value === spokenHere ? undefined : tongue.value, init_data: initData };
}

/** Seals an item if that is wished and can be done, unless another one overtakes it meanwhile. */
async function isStillFirst(lane, item) {
  item.sealing = item.sealing || sealed(item);
  const overtaken = new Promise(function (resolve) {
    lane.overtake = item.seal && !item.sealed ? resolve : null;
  });
  await Promise.race([item.sealing, overtaken]);
  lane.overtake = null;
  return lane.items[0] === item;
}

/** Sends a message or a file once. A hidden chat shows nothing of a lock. */
async function attempt(item, mine) {
  const maySend = await item.sealing;
  item.sealing = null;
  if (mine !== chat || !maySend || item.unreadable) return { status: 0, data: {} };
  if (!mine.hidden && item.sealed) item.bubble.classList.add("locked");
  if (!mine.hidden && item.seal && !item.sealed) admit();
  return item.file ? sendFile(item, mine.token) : sendWords(item, mine.token);
}

/** Whether the same message is to be sent again. */
function comesToNothing(item, answer) {
  if (item.opens) return !answer.data.token && !isShut(answer);
  if (item.unreadable || item.costlyFailures >= FILE_ATTEMPTS) return false;
  return answer.status === 0 || answer.status === 408 || answer.status === 429 || answer.status >= 500;
}

function pause(lane, item, answer) {
  const usual = PAUSES_SECONDS[Math.min(item.failures, PAUSES_SECONDS.length - 1)] * (0.75 + Math.random() / 2);
  const asked = answer.retryAfter || 0;
  item.failures += 1;
  return new Promise(function (resolve) {
    const timer = setTimeout(done, Math.min(Math.max(usual, asked), LONGEST_PAUSE_SECONDS) * 1000);
    function done() {
      clearTimeout(timer);
      lane.pausing = false;
      lane.wake = null;
      resolve();
    }
    // A server that asked for a pause gets it.
    lane.wake = asked ? null : done;
    lane.pausing = true;
    showState();
  });
}

function wake() {
  [chat.words, chat.files].forEach(function (lane) {
    if (lane.wake) lane.wake();
  });
}

function isShut(answer) {
  return initData !== null && answer.status === 403;
}

function settle(item, answer) {
  const data = answer.data;
  if (item.opens && isShut(answer)) shut();
  else if (item.opens) opened(item, data);
  else if (answer.status === 401) closed(item);
  else if (data.erased) erased(data);
  else if (data.hidden) hidden(data);
  else if (Array.isArray(data.replies)) answered(item, data);
  else failed(item);
}

function opened(item, data) {
  const language = item.content.language || data.language;
  chat.token = data.token;
  say(data, language);
  if (item.content.language && tongue.value !== language) changeLanguage();
  else speak(language);
  drain(chat, chat.files);
}

/** The Mini App was opened from elsewhere than the bot's chat, or too long ago. */
function shut() {
  byId("composer").hidden = true;
  note(words.appClosed);
  [chat.words, chat.files].forEach(function (lane) {
    lane.items.splice(0).forEach(failed);
  });
}

function answered(item, data) {
  const language = data.language || spokenHere;
  item.bubble.classList.remove("pending", "failed");
  item.bubble.removeAttribute("data-progress");
  // A file is sent beside a question, not in answer to it: its choices stay.
  if (!item.file) retire();
  say(data, language);
  if (!chat.words.items.some(isLanguage)) speak(language);
}

function isLanguage(item) {
  return (item.choice || "").indexOf("language:") === 0;
}

function erased(data) {
  forget();
  (data.replies || []).forEach(function (reply) {
    put(bubble("ours", reply.text, data.language || spokenHere));
  });
}

/** Nothing of before stays on the screen; the chat goes on as something else. */
function hidden(data) {
  const token = chat.token;
  forget();
  chat.token = token;
  say(data, data.language || spokenHere);
}

/** The server knows this chat no longer. What it never took goes into a new one; a tap answered a question that is gone. */
function closed(item) {
  item.refusals = (item.refusals || 0) + 1;
  const waiting = [item].concat(chat.words.items, chat.files.items).filter(function (each) {
    return !each.opens && !each.choice;
  });
  forget();
  note(words.closed);
  openChat();
  waiting.forEach(function (each) {
    log.appendChild(each.bubble);
    if (each.refusals > 1) failed(each);
    else add(each);
  });
}

function failed(item) {
  const again = button(words.retry, function () {
    again.remove();
    item.bubble.classList.remove("failed");
    item.bubble.classList.add("pending");
    item.costlyFailures = 0;
    item.refusals = 0;
    item.unreadable = false;
    add(item);
  });
  item.bubble.classList.remove("pending");
  item.bubble.classList.add("failed");
  item.bubble.removeAttribute("data-progress");
  item.bubble.appendChild(again);
  scrollTo(item.bubble);
}

// --- What is on the screen ------------------------------------------------------------------------------------------

/** Follows where the chat stands; an answer that does not tell leaves the lock as it is. */
function stand(waits, replies, language) {
  if (waits === undefined) return;
  const last = replies[replies.length - 1];
  chat.hidden = waits === null;
  follow(waits, (last && last.choices) || [], language);
}

function say(data, language) {
  const replies = data.replies || [];
  let first = null;
  stand(data.waits, replies, language);
  replies.forEach(function (reply) {
    if (reply.text) {
      const element = bubble("ours", reply.text, language);
      put(element);
      first = first || element;
    }
    const offered = reply.choices || [];
    if (offered.length || reply.ask_location) offer(offered, reply, language);
  });
  if (first) scrollTo(first);
}

function offer(offered, reply, language) {
  retire();
  choices = document.createElement("div");
  choices.className = "choices";
  choices.lang = language;
  choices.setAttribute("role", "group");
  if (reply.ask_location) {
    place.classList.add("wanted");
    const here = button(words.location, locate);
    here.insertBefore(place.firstElementChild.cloneNode(true), here.firstChild);
    choices.appendChild(here);
  }
  offered.forEach(function (choice) {
    const element = button(choice.label, function () {
      choose(element, choice, reply.question);
    });
    if (choice.sign) element.insertBefore(sign(choice.sign), element.firstChild);
    element.dataset.choice = choice.id;
    choices.appendChild(element);
  });
  put(choices);
}

function choose(element, choice, question) {
  disableChoices();
  element.classList.add("chosen");
  log.focus({ preventScroll: true });
  tell({ choice: choice.id, question: question || undefined }, choice.label);
}

function disableChoices() {
  if (!choices) return;
  choices.querySelectorAll("button").forEach(function (each) {
    each.disabled = true;
  });
}

/** Danger beside the lock: the choice itself may be out of sight, or gone with another one. */
function alarm() {
  disableChoices();
  log.focus({ preventScroll: true });
  tell({ choice: words.danger }, danger.getAttribute("aria-label"));
}

function retire() {
  if (choices) choices.remove();
  choices = null;
  place.classList.remove("wanted");
}

function showState() {
  const heads = [chat.words, chat.files].filter(function (lane) {
    return lane.items.length > 0;
  });
  // One word for all attempts at a message, else a screen reader tells each of them. A file shows that it moves.
  const stuck = heads.some(function (lane) {
    return lane.pausing || (lane === chat.words && lane.items[0].failures > 0);
  });
  const state = stuck ? words.offline : heads.length || place.disabled ? words.sending : "";
  if (status.textContent !== state) status.textContent = state;
  retry.hidden = !heads.some(function (lane) {
    return lane.wake;
  });
}

// --- What the person does -------------------------------------------------------------------------------------------

function tell(content, shown, seal) {
  const item = { id: uuid(), choice: content.choice, seal: seal, bubble: bubble("theirs", shown) };
  item.content = Object.assign({ id: item.id }, content);
  item.bubble.classList.add("pending", "words");
  log.appendChild(item.bubble);
  log.scrollTop = log.scrollHeight;
  add(item);
}

function sendText() {
  const written = text.value.trim();
  // Khmer keyboards put zero-width spaces; alone they are nothing.
  if (!written.replace(/\u200b/g, "")) return;
  const wish = wishFor(written);
  text.value = "";
  keepDraft();
  fit();
  tell({ text: written }, written, wish);
}

function sendFiles() {
  const limit = Number(words.maxFileBytes);
  Array.from(file.files).forEach(function (each) {
    if (limit && each.size > limit) {
      note(words.tooBig);
      return;
    }
    const item = { id: uuid(), file: each, seal: { kind: kindOf(each), language: spokenHere }, bubble: bubble("theirs", each.name) };
    item.bubble.classList.add("pending");
    log.appendChild(item.bubble);
    log.scrollTop = log.scrollHeight;
    add(item);
  });
  file.value = "";
}

function locate() {
  const mine = chat;
  function nowhere() {
    if (mine !== chat) return;
    place.disabled = false;
    showState();
    note(words.noLocation);
  }
  if (place.disabled) return;
  if (!navigator.geolocation) {
    nowhere();
    return;
  }
  place.disabled = true;
  showState();
  navigator.geolocation.getCurrentPosition(
    function (position) {
      if (mine !== chat) return;
      const at = position.coords;
      place.disabled = false;
      const location = { lat: at.latitude, lon: at.longitude, accuracy_m: at.accuracy };
      tell({ location: location }, words.location, { kind: "pin", location: location, language: spokenHere });
    },
    nowhere,
    { enableHighAccuracy: true, timeout: LOCATION_PATIENCE_MS, maximumAge: LOCATION_AGE_MS }
  );
}

function changeLanguage() {
  speak(tongue.value);
  if (chat.token) tell({ choice: "language:" + tongue.value }, tongue.options[tongue.selectedIndex].text);
}

/** Takes the page's own words from the page in another language. Without a line they stay; the next answer tries again. */
async function speak(language) {
  if (language === spokenHere) return;
  const other = await pageIn(language);
  if (!other) return;
  spokenHere = language;
  tongue.value = language;
  document.title = other.title;
  page.lang = other.documentElement.lang;
  page.dir = other.documentElement.dir;
  other.querySelectorAll("[data-words]").forEach(translate);
  showState();
  showLock();
}

function leave(event) {
  const target = words.leaveTo;
  event.preventDefault();
  forget();
  body.textContent = "";
  document.title = "about:blank";
  history.replaceState(null, "", "/");
  goTo(target);
}

function whenKeyPressed(event) {
  if (event.key !== "Escape" || event.repeat || event.isComposing) return;
  if (event.timeStamp - escapedAt < TWO_ESCAPES_MS) leave(event);
  else escapedAt = event.timeStamp;
}

function whenKeyPressedInText(event) {
  // 229 is the key of an input method at work; Safari says so in no other way.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  sendText();
}

text.addEventListener("input", fit);
text.addEventListener("input", keepDraft);
text.addEventListener("keydown", whenKeyPressedInText);
byId("send").addEventListener("click", sendText);
file.addEventListener("change", sendFiles);
place.addEventListener("click", locate);
tongue.addEventListener("change", changeLanguage);
retry.addEventListener("click", wake);
byId("leave").addEventListener("click", leave);
danger.addEventListener("click", alarm);
document.addEventListener("keydown", whenKeyPressed);
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);
window.addEventListener("pagehide", forget);
window.addEventListener("pageshow", function (event) {
  if (event.persisted && initData !== "") begin();
});
if (window.visualViewport) window.visualViewport.addEventListener("resize", fitToKeyboard);

// The address tells nothing, not even the language.
history.replaceState(null, "", window.location.pathname);
if (initData === "") {
  shut();
} else {
  byId("composer").hidden = false;
  begin();
}
