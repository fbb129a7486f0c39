// What the page asks of the desk. Every order answers with the desk's new state.
const refusal = document.getElementById("refusal");
let hiding = 0;

function refuse(message) {
  refusal.textContent = message;
  refusal.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { refusal.hidden = true; }, 6000);
}

async function send(method, path, body, type = "application/json") {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = type;
    options.body = type === "application/json" ? JSON.stringify(body) : body;
  }
  try {
    const reply = await fetch(path, options);
    if (!reply.ok) refuse((await reply.json()).message);
  } catch (error) {
    refuse(String(error));
  }
}

export const desk = {
  putCard: (persona) => send("POST", "/api/card", { persona }),
  takeCard: () => send("DELETE", "/api/card"),
  laySample: (sample) => send("POST", "/api/paper", { sample }),
  layPicture: (file) => send("POST", "/api/paper", file, file.type),
  takePaper: () => send("DELETE", "/api/paper"),
  setFault: (device, fault) => send("POST", "/api/fault", { device, fault }),
  act: (device, act, argument = "") => send("POST", "/api/act", { device, act, argument }),
  setCable: (device, is_plugged_in) => send("POST", "/api/cable", { device, is_plugged_in }),
  setCondition: (condition, is_set, after_rows = 0) =>
    send("POST", "/api/printer/condition", { condition, is_set, after_rows }),
};

export async function ask(path) {
  const reply = await fetch(path);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply;
}

// Calls `show` with every new state for as long as the page is open.
export async function follow(show, setLive) {
  let tag = "";
  for (;;) {
    try {
      const reply = await ask(`/api/state?unlike=${tag}`);
      tag = reply.headers.get("X-State-Tag");
      setLive(true);
      show(await reply.json());
    } catch {
      tag = "";
      setLive(false);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
