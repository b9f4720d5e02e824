/* Sending: one attempt at a message or a file. Never rejects; status 0 means that nothing of ours answered. */

const WORDS_PATIENCE_MS = 45000;
const FILE_STALL_MS = 90000;
// Browsers refuse to keep more than 64 KiB alive; a UTF-16 unit takes three bytes at most.
const KEPT_ALIVE_CHARS = 20000;
const LOST = { status: 0, data: {} };

export async function sendWords(item, token) {
  const content = JSON.stringify(item.content);
  const headers = { "Content-Type": "application/json" };
  if (!item.opens) headers.Authorization = "Bearer " + token;
  const stop = window.AbortController ? new AbortController() : null;
  const timer = setTimeout(function () {
    if (stop) stop.abort();
  }, WORDS_PATIENCE_MS);
  try {
    const response = await fetch(item.opens ? "/chat" : "/chat/messages", {
      method: "POST",
      headers: headers,
      body: content,
      cache: "no-store",
      credentials: "omit",
      // The login page of a borrowed Wi-Fi is not our answer.
      redirect: "error",
      // Who presses "send" and at once "leave" has still sent it.
      keepalive: content.length < KEPT_ALIVE_CHARS,
      signal: stop ? stop.signal : undefined,
    });
    return read(response.status, await response.text(), response.headers.get("Retry-After"));
  } catch (error) {
    return LOST;
  } finally {
    clearTimeout(timer);
  }
}

/** XMLHttpRequest, since fetch does not tell how far it is: slow is not stuck, and the person sees how long it takes. */
export function sendFile(item, token) {
  const form = new FormData();
  form.append("id", item.id);
  // A sealed file's own name stands inside it.
  if (item.sealed) form.append("sealed", item.seal.kind);
  form.append("file", item.sealed || item.file, item.sealed ? "sealed" : item.file.name);
  return new Promise(function (resolve) {
    const request = new XMLHttpRequest();
    let timer = 0;
    let sent = 0;
    function waitOn() {
      clearTimeout(timer);
      timer = setTimeout(function () {
        request.abort();
      }, FILE_STALL_MS);
    }
    request.open("POST", "/chat/attachments");
    request.setRequestHeader("Authorization", "Bearer " + token);
    request.upload.onprogress = function (event) {
      waitOn();
      sent = event.loaded;
      if (event.total) item.bubble.dataset.progress = Math.floor((100 * event.loaded) / event.total) + " %";
    };
    request.onloadend = function () {
      clearTimeout(timer);
      item.request = null;
      const answer = read(request.status, request.responseText, request.getResponseHeader("Retry-After"));
      if (answer.status === 0 && sent > 0) item.costlyFailures = (item.costlyFailures || 0) + 1;
      // What was sealed is here, whatever became of the file.
      if (answer.status !== 0 || item.sealed) resolve(answer);
      else checkReadable(item, resolve);
    };
    item.request = request;
    waitOn();
    request.send(form);
  });
}

/** A file that was deleted since, or that the phone no longer lets us read, looks like a broken line, forever. */
function checkReadable(item, resolve) {
  const reader = new FileReader();
  reader.onloadend = function () {
    item.unreadable = reader.error !== null;
    resolve(LOST);
  };
  reader.readAsArrayBuffer(item.file.slice(0, 1));
}

function read(code, content, retryAfter) {
  let data = null;
  try {
    data = JSON.parse(content);
  } catch (error) {
    data = null;
  }
  const known = data !== null && typeof data === "object";
  // "200" with something else inside is a proxy's page, not our answer.
  if (code >= 200 && code < 400 && !(known && (data.token || Array.isArray(data.replies)))) return LOST;
  return { status: code, data: known ? data : {}, retryAfter: secondsOf(retryAfter) };
}

function secondsOf(retryAfter) {
  if (!retryAfter) return 0;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? seconds : 0;
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, function (byte) {
    return (byte + 256).toString(16).slice(1);
  }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Gives the page in another language, or null. */
export async function pageIn(language) {
  try {
    const response = await fetch("/?language=" + encodeURIComponent(language), { credentials: "omit", redirect: "error" });
    const other = new DOMParser().parseFromString(await response.text(), "text/html");
    return other.getElementById("composer") ? other : null;
  } catch (error) {
    return null;
  }
}
