// The terminal's screen: live pictures in, touches and keys out, in the order they were made.
const screen = document.getElementById("screen");
const queue = [];
let size = null;
let sending = false;

export function showScreen(state) {
  document.getElementById("terminal").hidden = state === null;
  if (state === null || size !== null) return;
  size = state;
  screen.style.aspectRatio = `${state.width_px} / ${state.height_px}`;
  watch();
  screen.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    screen.focus();
    screen.setPointerCapture(event.pointerId);
    touch("press", event);
    event.preventDefault();
  });
  screen.addEventListener("pointermove", (event) => {
    if (!screen.hasPointerCapture(event.pointerId)) return;
    const points = event.getCoalescedEvents?.() ?? [];
    for (const point of points.length ? points : [event]) touch("move", point);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    screen.addEventListener(end, (event) => touch("release", event));
  }
  screen.addEventListener("keydown", (event) => {
    // Tab stays with the page, or a keyboard could never leave the picture
    if (event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    put({ kind: "key", key: event.key });
  });
}

// Asks for the next picture only when the last one is shown: what is seen is never old.
async function watch() {
  let number = 0;
  let shown = "";
  for (;;) {
    try {
      const width = Math.round(screen.getBoundingClientRect().width * devicePixelRatio) || size.width_px;
      const reply = await fetch(`/api/screen.jpg?newer_than=${number}&width_px=${width}`);
      if (!reply.ok) throw new Error(reply.status);
      if (reply.status === 204) continue;
      const url = URL.createObjectURL(await reply.blob());
      screen.src = url;
      await screen.decode();
      URL.revokeObjectURL(shown);
      [number, shown] = [Number(reply.headers.get("X-Picture-Number")), url];
    } catch {
      number = 0;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function touch(kind, event) {
  const box = screen.getBoundingClientRect();
  const along = (value, start, length, pixels) =>
    Math.max(0, Math.min(pixels - 1, Math.round((value - start) / length * pixels)));
  put({
    kind,
    x_px: along(event.clientX, box.left, box.width, size.width_px),
    y_px: along(event.clientY, box.top, box.height, size.height_px),
  });
}

function put(event) {
  queue.push(event);
  if (!sending) send();
}

// One request at a time: two could overtake each other, and a stroke would fall apart.
async function send() {
  sending = true;
  while (queue.length) {
    const events = queue.splice(0, 256);
    try {
      await fetch("/api/screen/events", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ events }),
      });
    } catch { /* the state loop shows that the connection is lost */ }
  }
  sending = false;
}
