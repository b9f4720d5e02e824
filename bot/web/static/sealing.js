/* Sealing: what only the hotline may read is encrypted here, to its keys. lock.js fetches this when it is first needed. */

import { load } from "./lock.js";

const PATIENCE_MS = 30000;
const PAD_BYTES = 4096;
const COPY_PIXELS = 1600;
const COPY_QUALITY = 0.85;
const MOST_COPY_BYTES = 2 << 20;

const words = document.body.dataset;
const known = {};
let library = null;
let newest = null;

/** Has the library and words to listen for at hand, or rejects. */
async function makeReady(language) {
  library = library || loadLibrary();
  try {
    await library;
  } catch (error) {
    library = null;
    throw error;
  }
  if (!known[language]) await learn(language);
}

/** Takes a language's words; where they do not come, any that are here already will do: they all hold the commonest. */
async function learn(language) {
  try {
    known[language] = newest = window.hearing.learned(await wordsOf(language));
  } catch (error) {
    if (!newest) throw error;
  }
}

function knownIn(language) {
  return known[language] || newest;
}

async function loadLibrary() {
  if (!window.hearing) await load("/static/hearing.js");
  if (!window.age) await load("/static/age.js", "", words.library);
  // Nobody is told that something is locked before this browser has locked something.
  await locked("words", {});
}

function encrypter() {
  const made = new window.age.Encrypter();
  words.recipients.split(" ").forEach(function (recipient) {
    made.addRecipient(recipient);
  });
  return made;
}

async function wordsOf(language) {
  const stop = new AbortController();
  const timer = setTimeout(function () {
    stop.abort();
  }, PATIENCE_MS);
  try {
    const spoken = [language, document.documentElement.lang].map(encodeURIComponent);
    const address = "/chat/words?language=" + spoken.join("&language=");
    const response = await fetch(address, { credentials: "omit", redirect: "error", signal: stop.signal });
    return await response.json();
  } finally {
    clearTimeout(timer);
  }
}

// --- Sealing --------------------------------------------------------------------------------------------------------

/** Seals what an item holds, once all is at hand; words that steer us stay as they are. */
async function seal(item) {
  const wish = item.seal;
  if (item.file) {
    item.sealed = new Blob([await locked(wish.kind, { file: await fileOf(item) })]);
  } else if (wish.kind === "pin" || !window.hearing.isCommand(item.content.text, wish.labels, knownIn(wish.language))) {
    const sealed = wish.kind === "pin" ? await pin(wish.location) : await typed(item.content.text, wish);
    item.content = { id: item.id, sealed: sealed };
    item.sealed = true;
  }
}

async function typed(written, wish) {
  const text = wellFormed(written);
  const content = base64(await locked("words", { text: text, language: wish.language, question: wish.question }));
  return { kind: "words", content: content, dangers: window.hearing.dangersIn(text, knownIn(wish.language)) };
}

async function pin(location) {
  return { kind: "pin", content: base64(await locked("pin", { location: location })) };
}

function locked(kind, content) {
  const at = new Date().toISOString().slice(0, 16) + "Z";
  return encrypter().encrypt(padded(Object.assign({ kind: kind, at: at, channel: "web" }, content)));
}

/** A file's length tells something: all are multiples of one. */
function padded(content) {
  const plain = new TextEncoder().encode(JSON.stringify(content));
  const whole = new Uint8Array(Math.ceil(plain.length / PAD_BYTES) * PAD_BYTES).fill(32);
  whole.set(plain);
  return whole;
}

/** Without halves of characters, which no other program takes. */
function wellFormed(text) {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function base64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

// --- Files ----------------------------------------------------------------------------------------------------------

/** A small copy of a photo without what a camera writes into it; beside it the bytes as they are, for they are evidence. */
async function fileOf(item) {
  const original = await read(item, item.file);
  const copy = item.seal.kind === "photo" ? await redrawn(item.file) : null;
  const held = { name: wellFormed(item.file.name), media_type: item.file.type || "application/octet-stream" };
  if (!copy || copy.size > MOST_COPY_BYTES) return Object.assign(held, { content: original });
  return Object.assign(held, { media_type: copy.type, content: await read(item, copy), original: original });
}

/** Gives bytes in base64. */
function read(item, blob) {
  return new Promise(function (resolve, reject) {
    const reader = new FileReader();
    reader.onload = function () {
      resolve(reader.result.split(",")[1] || "");
    };
    reader.onerror = function () {
      item.unreadable = true;
      reject(reader.error);
    };
    reader.readAsDataURL(blob);
  });
}

/** Gives the copy, or null where the browser cannot draw it. */
function redrawn(file) {
  return new Promise(function (resolve) {
    const image = new Image();
    const address = URL.createObjectURL(file);
    function done(copy) {
      URL.revokeObjectURL(address);
      resolve(copy);
    }
    image.onload = function () {
      try {
        drawn(image).toBlob(done, "image/jpeg", COPY_QUALITY);
      } catch (error) {
        done(null);
      }
    };
    image.onerror = function () {
      done(null);
    };
    image.src = address;
  });
}

function drawn(image) {
  const scale = Math.min(1, COPY_PIXELS / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

window.sealing = { makeReady: makeReady, seal: seal };
