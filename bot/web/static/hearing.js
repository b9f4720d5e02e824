/*
 * What the page hears by itself in words that it seals: commands, danger, a child's age. sealing.js fetches this.
 *
 * It spells words as nlu/normal.py does and ends them as nlu/lexicon/matcher.py does, for the lists and for what was
 * typed alike, but knows no denial and looks over every mark and every sign: it may hear more than the server, never less.
 * A plain script, since a browser never fetches a module again that once failed to load.
 */

window.hearing = (function () {
  // As far as the server looks.
  const MOST_CHARS = 4000;
  const MOST_COMMAND_CHARS = 60;
  const YOUNGEST = 1;
  const OLDEST_CHILD = 17;
  const JOINED_CHARS = 3;

  const NOUGHTS = "0٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀႐០᠐";
  // Letters that keyboards exchange, or that have no mark to take away.
  const SAME = { đ: "d", ي: "ی", ى: "ی", ئ: "ی", ك: "ک", ه: "ہ", ة: "ہ", ۀ: "ہ", أ: "ا", إ: "ا", آ: "ا", ٱ: "ا", ؤ: "و" };
  const EXCHANGED = new RegExp("[" + Object.keys(SAME).join("") + "]", "g");
  const APOSTROPHES = /[\u2018\u2019\u02bc\u0060\u00b4\u2032]/g;
  const MARKS = /[\u0300-\u036f]/g;
  const DIGIT = new RegExp("\\p{Nd}", "gu");
  const INVISIBLE = new RegExp("[\\p{Cf}\\ufe00-\\ufe0f\\u034f\\u17b4\\u17b5]", "gu");
  const SIGNS = new RegExp("[\\p{P}\\p{Z}\\p{Cc}]+", "gu");
  const LETTER = new RegExp("[\\p{L}\\p{M}]", "u");
  const MARK = new RegExp("\\p{M}", "u");
  const LATIN = new RegExp("\\p{sc=Latin}", "u");
  const UNPARTED = scripts("Han Hiragana Katakana Khmer Thai Lao Myanmar");
  const JOINED = scripts("Hangul Ethiopic Devanagari Bengali Tamil Sinhala");

  function scripts(names) {
    const each = names.split(" ").map(function (name) {
      return "\\p{sc=" + name + "}";
    });
    return new RegExp("[" + each.join("") + "]", "u");
  }

  /** One spelling for many. */
  function folded(text) {
    const one = text.replace(APOSTROPHES, "'").normalize("NFKC").replace(INVISIBLE, "").toLowerCase().normalize("NFC");
    const plain = one.replace(EXCHANGED, same).normalize("NFKD").replace(MARKS, "").replace(DIGIT, digit);
    return khmer(plain).replace(SIGNS, " ").trim();
  }

  function same(letter) {
    return SAME[letter];
  }

  function digit(char) {
    const code = char.codePointAt(0);
    const nought = Array.from(NOUGHTS).find(function (each) {
      return code - each.codePointAt(0) >= 0 && code - each.codePointAt(0) < 10;
    });
    return nought ? String(code - nought.codePointAt(0)) : char;
  }

  /** Khmer has two signs that look the same below a letter, and two vowels that are typed as two others. */
  function khmer(text) {
    const vowels = text.replace(/\u17c1\u17b6/g, "\u17c4").replace(/\u17c1\u17b8/g, "\u17be");
    return vowels.replace(/\u17d2\u178a/g, "\u17d2\u178f");
  }

  /** Spells a list of GET /chat/words once. */
  function learned(listed) {
    const dangers = {};
    Object.keys(listed.dangers).forEach(function (code) {
      dangers[code] = spelled(listed.dangers[code]);
    });
    const ages = { before: spelled(listed.ages.before), after: spelled(listed.ages.after) };
    return { commands: spelled(listed.commands), dangers: dangers, ages: ages };
  }

  function spelled(words) {
    return Array.from(new Set(words.map(folded))).filter(Boolean);
  }

  /** Whether words steer us and say nothing of anybody: sealed, they could not be followed. */
  function isCommand(text, labels, known) {
    const said = folded(text);
    if (!said || text.length > MOST_COMMAND_CHARS) return false;
    return known.commands.indexOf(said) >= 0 || labels.map(folded).indexOf(said) >= 0;
  }

  /** Codes of what words speak of that may not wait until somebody opens them. */
  function dangersIn(text, known) {
    const said = folded(text.slice(0, MOST_CHARS));
    const found = Object.keys(known.dangers).filter(function (code) {
      return known.dangers[code].some(holds.bind(null, said));
    });
    if (found.indexOf("child_involved") < 0 && tellsChildsAge(said, known.ages)) found.push("child_involved");
    return found;
  }

  function holds(said, phrase) {
    for (let at = said.indexOf(phrase); at >= 0; at = said.indexOf(phrase, at + 1)) {
      if (begins(said, at) && ends(said, at, at + phrase.length)) return true;
    }
    return false;
  }

  function tellsChildsAge(said, ages) {
    const numbers = /[0-9]+/g;
    for (let found = numbers.exec(said); found; found = numbers.exec(said)) {
      const isChilds = Number(found[0]) >= YOUNGEST && Number(found[0]) <= OLDEST_CHILD;
      if (isChilds && isAge(said, found.index, numbers.lastIndex, ages)) return true;
    }
    return false;
  }

  function isAge(said, start, end, ages) {
    // A word that holds the number itself says that it is something else: "expired 2".
    if (ages.before.some(endsIn.bind(null, said.slice(0, end)))) return false;
    const before = said.slice(0, start).trim();
    const after = said.slice(end).trim();
    return (
      ages.after.some(function (word) {
        return after.startsWith(word) && ends(after, 0, word.length);
      }) ||
      ages.before.some(function (word) {
        return before.endsWith(word) && begins(before, before.length - word.length);
      })
    );
  }

  function endsIn(said, word) {
    return said.endsWith(word);
  }

  function begins(said, at) {
    return parted(said.charAt(at), said.charAt(at - 1));
  }

  function ends(said, at, end) {
    const after = said.charAt(end);
    if (MARK.test(after)) return false;
    const last = said.charAt(end - 1);
    return (JOINED.test(last) && end - at >= JOINED_CHARS) || parted(last, after);
  }

  /** Whether a word may begin or end with a character beside another one, or beside nothing. */
  function parted(inner, outer) {
    if (!outer || UNPARTED.test(inner)) return true;
    if (LATIN.test(inner)) return !LATIN.test(outer);
    if (/[0-9]/.test(inner)) return !/[0-9]/.test(outer);
    return !(LETTER.test(inner) && LETTER.test(outer));
  }

  return { learned: learned, isCommand: isCommand, dangersIn: dangersIn };
})();
