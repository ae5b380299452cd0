/* Plays what is shared while Home Assistant still gets it from the camera.

   Most browsers are handed the segments of two seconds that Home Assistant makes, by Media Source Extensions, those
   first that are about to be seen. iPhones have no Media Source; they play HLS by themselves. */

const AHEAD_SECONDS = 30;
const KEPT_SECONDS = 30;
const SLOW_MILLISECONDS = 2000;
const RETRY_MILLISECONDS = 3000;
const MOST_RETRIES = 5;
/* What is needed to decode a segment by itself lies a few milliseconds before it, and browsers drop what lies before
   the beginning of all. */
const SHIFT = 0.5;
const TOLERANCE = 0.1;

const video = document.querySelector("video");
const status = document.querySelector("[role=status]");
const again = document.querySelector("button");
let slow;
let isStopped = false;

/** Why it does not go on, by the name of the text that says so. */
class Obstacle extends Error {}

function say(name) {
  clearTimeout(slow);
  status.textContent = name ? status.dataset[name] : "";
}

/** Say why it does not go on, whatever the player has to tell after that. */
function stop(name) {
  isStopped = true;
  say(name);
  video.onseeking = null;
  if (name !== "over") return;
  video.removeAttribute("poster");
  video.removeAttribute("src");
  video.load();
}

/** Say that something comes, and after a while what it waits for. */
function sayWaiting() {
  if (isStopped) return;
  say("loading");
  slow = setTimeout(say, SLOW_MILLISECONDS, "slow");
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function once(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}

/** Show times as the visitor writes them, by the clock of the home. */
function localizeTimes() {
  const { lang, dataset } = document.documentElement;
  const language = navigator.languages.find((each) => each.startsWith(lang)) ?? lang;
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: "full",
    timeStyle: "medium",
    timeZone: dataset.timeZone,
  });
  for (const each of document.querySelectorAll("time")) each.textContent = format.format(new Date(each.dateTime));
}

/** Return what is to be played, once Home Assistant has the beginning of it. */
async function begin() {
  const answer = await fetch(video.dataset.play).catch(() => null);
  if (answer?.status === 404) throw new Obstacle("over");
  if (answer?.status === 429) throw new Obstacle("busy");
  const body = await answer?.json().catch(() => null);
  if (!body || body.error) throw new Obstacle(body?.error ?? "away");
  return body;
}

/** Hands segments to the player, those first that it needs first. */
class Feeder {
  #session;
  #starts;
  #buffer;
  /* The segments from the first of these up to the other one, which is not there yet, were handed over in a row. */
  #first = 0;
  #next = null;

  constructor(session) {
    this.#session = session;
    this.#starts = session.starts.map((start) => start + SHIFT);
  }

  /** Feed the player for as long as the page is open. Throws an Obstacle. */
  async run(position) {
    const { base, codecs, zero, begins, duration } = this.#session;
    const source = new MediaSource();
    const isOpen = once(source, "sourceopen");
    video.src = URL.createObjectURL(source);
    await isOpen;
    URL.revokeObjectURL(video.src);
    source.duration = duration + SHIFT;
    this.#buffer = source.addSourceBuffer(`video/mp4; codecs="${codecs}"`);
    // Segments carry their times on the timeline of the recording.
    this.#buffer.timestampOffset = SHIFT - zero;
    await this.#append(await this.#fetch(`${base}init.mp4`));
    video.currentTime = Math.max(begins + SHIFT, position);
    // In place of that of a feeder before.
    video.onseeking = () => {
      if (this.#edge() === null) this.#next = null;
    };
    for (;;) {
      const number = this.#wanted();
      if (number === null) {
        if (this.#next === this.#starts.length && source.readyState === "open") source.endOfStream();
        await Promise.race([once(video, "timeupdate"), once(video, "seeking"), pause(1000)]);
        continue;
      }
      await this.#append(await this.#fetch(`${base}${this.#session.first + number}.m4s`));
      this.#closeGap(number);
      // Somebody may have gone elsewhere meanwhile.
      if (this.#next === number) this.#next += 1;
    }
  }

  /** Return which segment to fetch, counted from the first of all; null if there is enough. */
  #wanted() {
    const here = this.#containing(video.currentTime);
    if (this.#next === null || here < this.#first || here > this.#next) {
      const edge = this.#edge();
      this.#first = here;
      this.#next = edge === null ? here : this.#containing(edge + TOLERANCE);
    }
    if (this.#next >= this.#starts.length) return null;
    return this.#starts[this.#next] - video.currentTime > AHEAD_SECONDS ? null : this.#next;
  }

  /** Return until when it could be played without anything more; null if not at all. */
  #edge() {
    const { buffered } = this.#buffer;
    for (let each = 0; each < buffered.length; each += 1) {
      if (buffered.start(each) <= video.currentTime + TOLERANCE && buffered.end(each) > video.currentTime)
        return buffered.end(each);
    }
    return null;
  }

  #containing(time) {
    const after = this.#starts.findIndex((start) => start > time + 0.001);
    return Math.max(0, (after < 0 ? this.#starts.length : after) - 1);
  }

  /** Go to where a segment begins in truth, if that is a little later than it was listed. */
  #closeGap(number) {
    const { buffered } = this.#buffer;
    if (number !== this.#containing(video.currentTime) || this.#edge() !== null) return;
    for (let each = 0; each < buffered.length; each += 1) {
      if (buffered.start(each) > video.currentTime) {
        video.currentTime = buffered.start(each);
        return;
      }
    }
  }

  async #fetch(address) {
    for (let retries = 0; ; retries += 1) {
      const answer = await fetch(address).catch(() => null);
      if (answer?.ok) return answer.arrayBuffer();
      // What is played may be over while the share is not.
      if (answer?.status === 404) throw new Obstacle("restart");
      if (retries === MOST_RETRIES) throw new Obstacle("away");
      await pause(RETRY_MILLISECONDS);
    }
  }

  async #append(data) {
    await this.#forget(0, video.currentTime - KEPT_SECONDS);
    try {
      this.#buffer.appendBuffer(data);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      await this.#forget(0, video.currentTime - 1);
      await this.#forget(video.currentTime + AHEAD_SECONDS, Infinity);
      this.#buffer.appendBuffer(data);
    }
    await once(this.#buffer, "updateend");
  }

  async #forget(start, end) {
    if (end <= start || !this.#buffer.buffered.length) return;
    this.#buffer.remove(start, end);
    await once(this.#buffer, "updateend");
  }
}

/** Play for as long as the page is open. Throws an Obstacle. */
async function play() {
  sayWaiting();
  const session = await begin();
  const failing = once(video, "error").then(() => {
    throw new Obstacle("unplayable");
  });
  if (window.MediaSource?.isTypeSupported(`video/mp4; codecs="${session.codecs}"`)) {
    await Promise.race([new Feeder(session).run(video.currentTime), failing]);
  } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
    video.src = session.playlist;
    await failing;
  } else {
    throw new Obstacle("unplayable");
  }
}

async function run() {
  again.hidden = true;
  isStopped = false;
  for (let restarts = 0; ; restarts += 1) {
    try {
      await play();
    } catch (error) {
      const name = error instanceof Obstacle ? error.message : "unplayable";
      if (name === "restart" && restarts < MOST_RETRIES) continue;
      stop(name === "restart" ? "away" : name);
      again.hidden = !["away", "busy", "restart"].includes(name);
      return;
    }
  }
}

/** Say why a whole file is not played. */
async function explain() {
  const answer = await fetch(video.src, { method: "HEAD" }).catch(() => null);
  stop(answer?.status === 404 ? "over" : "unplayable");
}

if (matchMedia("(prefers-reduced-motion: reduce)").matches) video.autoplay = false;
video.addEventListener("waiting", sayWaiting);
for (const name of ["loadeddata", "playing", "seeked"]) video.addEventListener(name, () => isStopped || say(null));
again.addEventListener("click", run);
if (video.dataset.play) run();
else video.addEventListener("error", explain);
localizeTimes();
